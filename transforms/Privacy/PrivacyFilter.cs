using System.Security.Cryptography;
using System.Text;
using ActivityConnector.Transforms.Ecs;

namespace ActivityConnector.Transforms.Privacy;

/// <summary>
/// Drops and hashes fields of a finished event, and the same values wherever else they stand. Only made when there is a rule, so keeping
/// all costs nothing.
/// </summary>
internal sealed class PrivacyFilter
{
    private readonly PrivacyRules _rules;
    private readonly Dictionary<string, PrivacyAction> _actionOfField = [];
    private readonly Dictionary<string, PrivacyAction> _protected = new(StringComparer.OrdinalIgnoreCase);

    private PrivacyFilter(PrivacyRules rules) => _rules = rules;

    /// <summary>The filter for the rules, or null when they keep all.</summary>
    /// <exception cref="ArgumentException">A rule for a field that events cannot be without, or a hash without a key.</exception>
    public static PrivacyFilter? For(PrivacyRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (rules.Actions.Values.All(action => action == PrivacyAction.Keep)) return null;

        if (rules.Key.IsEmpty && rules.Actions.Values.Contains(PrivacyAction.Hash))
        {
            throw new ArgumentException("Privacy hashes a field, but no key is given.", nameof(rules));
        }

        if (FieldPrivacy.Required.FirstOrDefault(field => FieldPrivacy.ActionOf(rules, field) != PrivacyAction.Keep) is { } required)
        {
            throw new ArgumentException($"Privacy cannot drop or hash {required}: no event can be without it.", nameof(rules));
        }

        return new(rules);
    }

    /// <summary>The event under the rules, its JSON kept in the batch.</summary>
    public EcsEvent Apply(EcsEvent e, EventBatch output)
    {
        var fields = FlatFields.Read(e.Json.Span);
        _protected.Clear();
        foreach (var field in fields.Where(field => ActionOf(field.Name) != PrivacyAction.Keep))
        {
            foreach (var value in field.Values) _protected[value] = Stricter(_protected.GetValueOrDefault(value), ActionOf(field.Name));
        }

        var kept = fields.Select(Protect).OfType<FlatField>().ToList();
        var message = kept.FindIndex(field => field.Name == "message");
        if (message >= 0 && ActionOf("message") == PrivacyAction.Keep && HoldsProtectedValue(kept[message].Values[0]))
        {
            kept[message] = kept[message] with { Values = [$"{Single(kept, "event.action") ?? "activity"} by {Single(kept, "user.id") ?? "a person"}"] };
        }

        return e with
        {
            Action = Single(kept, "event.action") ?? "",
            ActorId = Single(kept, "user.id"),
            ObjectId = e.ObjectId is null ? null : Protected(e.ObjectId),
            TraceId = Single(kept, "trace.id") is { } trace && trace == e.TraceId ? trace : null,
            Json = output.Keep(FlatFields.Write(kept)),
        };
    }

    private FlatField? Protect(FlatField field)
    {
        var action = ActionOf(field.Name);
        var spreads = FieldPrivacy.MayRepeatValues(field.Name);
        if (action == PrivacyAction.Keep && !spreads) return field;

        var values = new List<string>();
        foreach (var value in field.Values)
        {
            var needed = spreads && action == PrivacyAction.Keep ? _protected.GetValueOrDefault(value) : action;
            if (needed == PrivacyAction.Keep)
            {
                values.Add(value);
            }
            else if (needed == PrivacyAction.Hash && FieldPrivacy.IsText(field))
            {
                values.Add(Hash(value));
            }
        }

        return values.Count == 0 ? null : field with { Values = [.. values.Distinct()] };
    }

    /// <summary>What the rules leave of a value: itself, its hash, or null.</summary>
    private string? Protected(string value) => _protected.GetValueOrDefault(value) switch
    {
        PrivacyAction.Keep => value,
        PrivacyAction.Hash => Hash(value),
        _ => null,
    };

    private string Hash(string value)
        => "hmac:" + Convert.ToHexStringLower(HMACSHA256.HashData(_rules.Key.Span, Encoding.UTF8.GetBytes(value)).AsSpan(0, 16));

    private bool HoldsProtectedValue(string message)
        => _protected.Keys.Any(value => message.Contains(value, StringComparison.OrdinalIgnoreCase));

    private PrivacyAction ActionOf(string field)
    {
        if (!_actionOfField.TryGetValue(field, out var action))
        {
            action = FieldPrivacy.ActionOf(_rules, field);
            if (_actionOfField.Count < 4096) _actionOfField[field] = action;
        }

        return action;
    }

    private static PrivacyAction Stricter(PrivacyAction a, PrivacyAction b)
        => a == PrivacyAction.Drop || b == PrivacyAction.Drop ? PrivacyAction.Drop : a > b ? a : b;

    private static string? Single(List<FlatField> fields, string name) => fields.Find(field => field.Name == name)?.Values[0];
}
