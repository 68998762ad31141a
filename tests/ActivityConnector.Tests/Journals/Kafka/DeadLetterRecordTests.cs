using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using Confluent.Kafka;

namespace ActivityConnector.Tests.Journals.Kafka;

public sealed class DeadLetterRecordTests
{
    [Fact]
    public void A_record_of_another_program_is_kept_under_an_id_of_its_place_and_bytes_and_read_back_as_it_was()
    {
        var record = new ConsumeResult<byte[], byte[]?>
        {
            TopicPartitionOffset = new("activity.intercom", 2, 7),
            Message = new() { Value = new byte[DeadLetter.MaxBodyBytes + 1] },
        };

        var letter = DeadLetterRecord.OfStranger(record, "it has no value", Some.Start);
        var read = DeadLetterRecord.Read(DeadLetterRecord.Of(new("activity.dlq", 0), letter, int.MaxValue).ToMessage())!;

        Assert.Equal(DeadLetter.IdOf("activity.intercom/2/7\n", record.Message.Value), letter.Id);
        Assert.Equal((DeadLetter.MaxBodyBytes, DeadLetter.MaxBodyBytes + 1), (letter.Body.Length, letter.OriginalLength));
        Assert.Equal(letter.Body.ToArray(), read.Body.ToArray());
        Assert.Equal(letter with { Body = default }, read with { Body = default });
    }
}
