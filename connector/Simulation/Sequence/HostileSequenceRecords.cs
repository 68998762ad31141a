using System.Globalization;
using System.Text;

namespace ActivityConnector.Simulation.Sequence;

/// <summary>Logs that the contract does not allow, or allows without anyone expecting them. All are valid JSON.</summary>
internal static class HostileSequenceRecords
{
    private static readonly string BigText = string.Concat(Enumerable.Repeat("Lorem ipsum \\u00e9\\n", 4000));
    private static readonly string DeepText = string.Concat(Enumerable.Repeat("[{\"a\":", 50)) + "1" + string.Concat(Enumerable.Repeat("}]", 50));

    private const string Item =
        """{"id":"item-@id","activityLogId":"@id","verb":"CREATED","name":"n","summary":"s","activityLogActor":"""
        + """{"id":"a","entityType":"USER"},"activityLogObject":{"id":"o","entityType":"INVOICE"}}""";

    // @id is the log's own id, @at its time, @number differs from log to log.
    private static readonly string[] Texts =
    [
        "null",
        "17",
        "\"a log that is a text\"",
        "[]",
        "{}",
        """{"id":"one id for many logs","sequenceAccountId":"acc","activityType":"NOTIFICATION @number","origin":"API","createdAt":"@at","activityLogItems":"""
            + """[]}""",
        $$$"""{"sequenceAccountId":"acc","activityType":"NOTIFICATION","origin":"API","createdAt":"@at","activityLogItems":[{{{Item}}}]}""",
        $$$"""{"id":"@id","sequenceAccountId":"acc","activityType":"NOTIFICATION","origin":"API","createdAt":"@at","activityLogItems":null}""",
        $$$"""{"id":"@id","sequenceAccountId":"acc","activityType":"NOTIFICATION","origin":"API","createdAt":"@at","activityLogItems":{"0":{{{Item}}}}}""",
        """{"id":"@id","sequenceAccountId":"acc","activityType":"NOTIFICATION","origin":"API","createdAt":"@at","activityLogItems":"""
            + $$$"""[null,7,"x",{{{Item}}}]}""",
        """{"id":"@id","sequenceAccountId":"acc","activityType":"NOTIFICATION","origin":"API","createdAt":"@at","activityLogItems":"""
            + $$$"""[{{{Item}}},{{{Item}}}]}""",
        """{"id":"@id","sequenceAccountId":"acc","activityType":"NOTIFICATION","origin":"API","createdAt":"@at","activityLogItems":"""
            + """[{"activityLogId":"@id","verb":"CREATED"}]}""",
        $$$"""{"id":"@id","sequenceAccountId":null,"activityType":7,"origin":[],"traceId":{},"createdAt":"yesterday","activityLogItems":[{{{Item}}}]}""",
        """{"id":"@id","sequenceAccountId":"acc-2","activityType":"NOTIFICATION","origin":"API","createdAt":"2026-02-30T25:61:00Z","activityLogItems":"""
            + $$$"""[{{{Item}}}]}""",
        $$$"""{"id":"@id","sequenceAccountId":"acc","activityType":"","origin":"API","createdAt":null,"activityLogItems":[]}""",
        """{"id":"@id","sequenceAccountId":"acc","activityType":"LE\u0000OPARD \ud83d\ude00","origin":"\ud800","createdAt":"@at","activityLogItems":"""
            + $$$"""[{{{Item}}}]}""",
        """{"id":"@id","id":"@id","sequenceAccountId":"acc","activityType":"NOTIFICATION","origin":"API","createdAt":"@at","activityLogItems":"""
            + $$$"""[{{{Item}}}],"x":{"y":[1]}}""",
        """{"\u0069d":"@id","sequenceAccountId":"acc","activityType":"NOTIFICATION","origin":"API","created\u0041t":"@at","activityLogItems":"""
            + $$$"""[{{{Item}}}]}""",
        """{"id":"@id","sequenceAccountId":"acc","activityType":"NOTIFICATION","origin":"API","createdAt":"@at","activityLogItems":"""
            + $$$"""[{"id":"item-@id","activityLogId":"@id","verb":"UPDATED","name":"big","summary":"{{{BigText}}}","metadata":"""
            + """{"not":"an array"},"activityLogActor":null,"activityLogObject":"INVOICE"}]}""",
        """{"id":"@id","sequenceAccountId":"acc","activityType":"NOTIFICATION","origin":"API","createdAt":"@at","activityLogItems":"""
            + """[{"id":"item-@id","activityLogId":"@id","verb":"UPDATED","name":"deep","summary":"s","metadata":"""
            + $$$"""{{{DeepText}}},"activityLogActor":{"id":"a","entityType":"USER"},"activityLogObject":{"id":"o","entityType":"INVOICE"}}]}""",
    ];

    public static void Write(JsonText to, Entry entry, RandomStream draw)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(entry.Created).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var text = Texts[draw.Below(Texts.Length)]
            .Replace("@id", SequenceRecords.Id(entry).ToString(), StringComparison.Ordinal)
            .Replace("@at", at, StringComparison.Ordinal)
            .Replace("@number", entry.Record.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        to.Raw(Encoding.UTF8.GetBytes(text));
    }
}
