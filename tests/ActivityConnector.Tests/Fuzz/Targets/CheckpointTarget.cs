using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Commands;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>
/// A stored checkpoint, as it is and under a sum that is right: it is read, can be used and stored again, or is refused with a
/// <see cref="JournalCorruptException"/>. And the lines of known events that a checkpoint file has.
/// </summary>
internal static class CheckpointTarget
{
    public static Task ReadAsync(byte[] input)
    {
        Check(input);
        if (WithSum(input) is { } summed) Check(summed);
        try
        {
            _ = SeenLine.TryParse(Encoding.UTF8.GetString(input))?.Parsed().ToList();
        }
        catch (FormatException)
        {
            // Documented.
        }

        return Task.CompletedTask;
    }

    private static void Check(byte[] text)
    {
        _ = CheckpointText.VersionOf(text);
        Checkpoint checkpoint;
        try
        {
            checkpoint = CheckpointText.Parse(text);
        }
        catch (JournalCorruptException)
        {
            return;
        }

        _ = (checkpoint.Position.Reached, checkpoint.Position.ReadsAgainFrom, checkpoint.Position.FirstReachableCommit, checkpoint.Suspects.Count);
        _ = (StoredSource.OlderKnownFrom(checkpoint), checkpoint.ToString(), checkpoint.GetHashCode());
        var again = CheckpointText.Parse(CheckpointText.Serialize(checkpoint));
        Assert.Equal(checkpoint with { Unknown = null }, again with { Unknown = null });
        Assert.Equal(CheckpointText.Serialize(checkpoint), CheckpointText.Serialize(again));
    }

    /// <summary>Null when the text can have no sum.</summary>
    private static byte[]? WithSum(byte[] text)
    {
        try
        {
            if (JsonNode.Parse(text) is not JsonObject fields) return null;

            fields["sum"] = CheckpointText.SumOf(fields);
            return Encoding.UTF8.GetBytes(fields.ToJsonString());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
