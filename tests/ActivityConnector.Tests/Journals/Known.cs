using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Journals;

internal static class Known
{
    /// <summary>For each key the content under which it is known, or null.</summary>
    public static async Task<ulong?[]> ContentsAsync(this IJournalWriter writer, IReadOnlyList<EventKey> keys) =>
        [.. (await writer.FindAsync(keys, default)).Select(known => known?.Content)];
}
