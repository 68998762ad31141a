using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Fuzz.Targets;

namespace ActivityConnector.Tests.Fuzz;

/// <summary>Code that reads foreign bytes. It must read any: what is not documented to be thrown is a fault, and so is what an assertion refuses.</summary>
/// <param name="Name">Of the target and of its folder in the corpus.</param>
/// <param name="ReadAsync">Reads one input.</param>
internal sealed record FuzzTarget(string Name, Func<byte[], Task> ReadAsync)
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("intercom-page", input => PageTarget.ReadAsync(input, IntercomPages.Shape)),
        new("sequence-page", input => PageTarget.ReadAsync(input, SequencePages.Shape)),
        new("page-neighbours", NeighboursTarget.ReadAsync),
        new("outsized-page", OutsizedPageTarget.ReadAsync),
        new("paging", PagingTarget.ReadAsync),
        new("vendor-answer", VendorAnswerTarget.ReadAsync),
        new("bulk-answer", BulkAnswerTarget.ReadAsync),
        new("cluster-answer", ClusterAnswerTarget.ReadAsync),
        new("checkpoint", CheckpointTarget.ReadAsync),
        new("event-block", EventBlockTarget.ReadAsync),
        new("kafka-record", KafkaRecordTarget.ReadAsync),
        new("configuration", ConfigurationTarget.ReadAsync),
        new("mapping-table", MappingTableTarget.ReadAsync),
        new("intercom-record", input => RecordTarget.ReadAsync(input, "intercom")),
        new("sequence-record", input => RecordTarget.ReadAsync(input, "sequence")),
        new("record-stream", RecordStreamTarget.ReadAsync),
    ];
}
