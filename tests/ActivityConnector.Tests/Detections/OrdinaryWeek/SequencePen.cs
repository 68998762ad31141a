using System.Text;
using System.Text.Json;
using ActivityConnector.Simulation;
using ActivityConnector.Simulation.Sequence;

namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>Writes Sequence's activity logs. Pens of one seed never write the same id if their first numbers lie far apart.</summary>
internal sealed class SequencePen(int seed, int firstNumber, Diary diary)
{
    private const string AccountId = "bb0e8400-e29b-41d4-a716-446655440006";

    private readonly StringBuilder _items = new();
    private int _number = firstNumber;

    public void Write(DateTimeOffset at, SequenceActor actor, params ReadOnlySpan<SequenceItem> items)
    {
        var draw = new RandomStream(seed, Draws.Identity, _number++);
        var milliseconds = at.ToUnixTimeMilliseconds();
        at = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        var id = NewId(milliseconds, ref draw);
        _items.Clear();
        foreach (var item in items)
        {
            var email = actor.Email is null ? "" : $",\"email\":\"{actor.Email}\"";
            var reason = item.Reason is null ? "" : $"\"reason\":\"{JsonEncodedText.Encode(item.Reason)}\",";
            var entity = SequenceActor.Entity(item.Entity, item.Number);
            var name = $"{Title(item.Entity)} {Title(item.Verb)}";
            _items.Append(_items.Length == 0 ? "" : ",").Append($$$"""
                {"id":"{{{NewId(milliseconds, ref draw)}}}","activityLogId":"{{{id}}}","verb":"{{{item.Verb}}}",
                "name":"{{{name}}}","summary":"{{{name}}}",{{{reason}}}"metadata":[],
                "activityLogActor":{"id":"{{{NewId(milliseconds, ref draw)}}}","entityType":"{{{actor.EntityType}}}",
                "entityId":"{{{actor.EntityId}}}"{{{email}}}},
                "activityLogObject":{"id":"{{{NewId(milliseconds, ref draw)}}}","entityType":"{{{item.Entity}}}","entityId":"{{{entity}}}"}}
                """);
        }

        var json = $$"""
            {"id":"{{id}}","sequenceAccountId":"{{AccountId}}","activityType":"{{ActivityType(items[0].Entity)}}","apiVersion":"V1","origin":"{{actor.Origin}}",
            "traceId":"{{draw.Bits():x16}}{{draw.Bits():x16}}","createdAt":"{{at.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}}","activityLogItems":[{{_items}}]}
            """;
        diary.Add(new(WeekRecord.Sequence, at, Encoding.UTF8.GetBytes(json.Replace("\n", "", StringComparison.Ordinal))), items.Length);
    }

    private static Guid NewId(long milliseconds, ref RandomStream draw) => SequenceKey.ToId(milliseconds, draw.Bits() & SequenceKey.TieMask);

    private static string ActivityType(string entity) => entity switch
    {
        "INVOICE" or "CREDIT_NOTE" or "CREDIT_GRANT" => "INVOICING",
        "CUSTOMER" => "CUSTOMERS",
        "BILLING_SCHEDULE" or "PRICE" or "PRODUCT" or "USAGE_EVENT" => "BILLING",
        _ when entity.StartsWith("INTEGRATION", StringComparison.Ordinal) => "INTEGRATIONS",
        _ => "NOTIFICATION",
    };

    private static string Title(string constant) => constant.Length == 0 ? "" : constant[0] + constant[1..].Replace('_', ' ').ToLowerInvariant();
}
