namespace ActivityConnector.Transforms.Ecs;

/// <summary>The order of fields on the wire: <c>@timestamp</c>, <c>message</c>, <c>ecs.version</c>, then ordinal. (Mapping 1.2.)</summary>
internal static class FieldOrder
{
    public static int Compare(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var byRank = Rank(a).CompareTo(Rank(b));
        return byRank != 0 ? byRank : a.SequenceCompareTo(b);
    }

    private static int Rank(ReadOnlySpan<byte> field)
        => field.SequenceEqual("@timestamp"u8) ? 0 : field.SequenceEqual("message"u8) ? 1 : field.SequenceEqual("ecs.version"u8) ? 2 : 3;
}
