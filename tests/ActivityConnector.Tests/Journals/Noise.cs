using System.Text;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Journals;

/// <summary>Events that a journal cannot make smaller than about three quarters, for tests of its size.</summary>
internal static class Noise
{
    public static IReadOnlyList<EcsEvent> Events(int first, int count, int bytes) =>
        [.. Enumerable.Range(first, count).Select(i => Event(i, bytes))];

    public static EcsEvent Event(int number, int bytes)
    {
        var noise = new byte[bytes * 3 / 4];
        new Random(number).NextBytes(noise);
        return Some.Event(number, json: Encoding.UTF8.GetBytes($$"""{"event.id":"evt-{{number}}","pad":"{{Convert.ToBase64String(noise)}}"}"""));
    }
}
