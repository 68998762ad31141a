using System.Text.Json;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>A paging value: it says what comes next, in a form that can be sent, or is refused with a <see cref="JsonException"/>.</summary>
internal static class PagingTarget
{
    public static Task ReadAsync(byte[] input)
    {
        if (Try(() => IntercomPaging.Read(input)) is { } paging)
        {
            Assert.True(paging.TotalPages is null or > 0 && paging.PerPage >= 0 && !(paging.HasNext && paging.HasExplicitEnd));
            _ = paging.StartingAfter is { } after ? Uri.EscapeDataString(after) : null;
        }

        _ = Try<(string?, bool)>(() => (SequencePaging.After(input) is { } cursor ? Uri.EscapeDataString(cursor) : null, true));
        return Task.CompletedTask;
    }

    private static T? Try<T>(Func<T> read)
        where T : struct
    {
        try
        {
            return read();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
