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
        var like = Some.Event(number);
        var noise = new byte[bytes * 3 / 4];
        new Random(number).NextBytes(noise);
        return new EcsEvent
        {
            Id = like.Id,
            Key = like.Key,
            ContentHash = like.ContentHash,
            EventId = like.EventId,
            Dataset = like.Dataset,
            Action = like.Action,
            Tenant = like.Tenant,
            Time = like.Time,
            HasSourceTime = like.HasSourceTime,
            TraceId = like.TraceId,
            Json = Encoding.UTF8.GetBytes($$"""{"event.id":"{{like.EventId}}","pad":"{{Convert.ToBase64String(noise)}}"}"""),
        };
    }
}
