namespace ActivityConnector.Transforms;

/// <summary>The order of fields on the wire: <c>@timestamp</c>, <c>message</c>, <c>ecs.version</c>, then ordinal. (Mapping 1.2.)</summary>
internal static class FieldOrder
{
    public static int Compare(string a, string b)
    {
        var byRank = Rank(a).CompareTo(Rank(b));
        return byRank != 0 ? byRank : string.CompareOrdinal(a, b);
    }

    private static int Rank(string field) => field switch
    {
        "@timestamp" => 0,
        "message" => 1,
        "ecs.version" => 2,
        _ => 3,
    };
}
