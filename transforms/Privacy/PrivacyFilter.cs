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
    /// <summary>What stands for a dropped value inside another text.</summary>
    private const string Removed = "[private]";

    private readonly PrivacyRules _rules;
    private readonly Dictionary<string, PrivacyAction> _actionOfField = [];
    private readonly PrivateValues _private = new();

    private PrivacyFilter(PrivacyRules rules) => _rules = rules;

    /// <summary>The filter for the rules, or null when they keep all.</summary>
    /// <exception cref="ArgumentException">A rule for a field that events cannot be without, or a hash without a key.</exception>
    public static PrivacyFilter? For(PrivacyRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (!rules.HideAnything) return null;

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

    /// <summary>Adds the events of one record under the rules. What a rule hides in one of them is hidden in all.</summary>
    public void Apply(IReadOnlyList<EcsEvent> events, EventBatch output)
    {
        _private.Clear();
        foreach (var field in events.SelectMany(e => FlatFields.Read(e.Json.Span)))
        {
            if (ActionOf(field.Name) == PrivacyAction.Keep || !FieldPrivacy.HidesEverywhere(field.Name)) continue;

            foreach (var value in field.Values) _private.Add(value, ActionOf(field.Name));
        }

        foreach (var e in events) output.Add(Protected(e, output));
    }

    private EcsEvent Protected(EcsEvent e, EventBatch output)
    {
        var fields = FlatFields.Read(e.Json.Span);
        var kept = fields.Select(field => Protect(field, e)).OfType<FlatField>().ToList();
        var message = kept.FindIndex(field => field.Name == "message");
        if (message >= 0 && !FieldPrivacy.IsKeptByRule(_rules, "message") && _private.IsIn(kept[message].Values[0]))
        {
            kept[message] = kept[message] with { Values = [$"{Single(kept, "event.action") ?? "activity"} by {Single(kept, "user.id") ?? "a person"}"] };
        }

        return e with
        {
            EventIdText = Encoding.UTF8.GetBytes(Single(kept, "event.id")!),
            Action = Single(kept, "event.action") ?? "",
            ActorId = Single(kept, "user.id"),
            ObjectId = e.ObjectId is null ? null : Replaced(e.ObjectId) is { Length: > 0 } id && id != Removed ? id : null,
            TraceId = Single(kept, "trace.id") is { } trace && trace == e.TraceId ? trace : null,
            Json = output.Keep(FlatFields.Write(kept)),
        };
    }

    private FlatField? Protect(FlatField field, EcsEvent e)
    {
        switch (field.Name)
        {
            case "event.id":
                // No event can be without one: the document id says as little as the value's own hash.
                return _private.IsInId(field.Values[0]) ? field with { Values = [e.Id] } : field;
            case "event.hash":
                // A hash without a key confirms a guess of what was dropped.
                return _rules.Key.IsEmpty ? null : field with { Values = [Convert.ToHexStringLower(Hmac(field.Values[0]))] };
            case "message":
                return ActionOf(field.Name) == PrivacyAction.Keep ? field : Ruled(field, ActionOf(field.Name));
        }

        var action = ActionOf(field.Name);
        if (action != PrivacyAction.Keep) return Ruled(field, action);

        if (field.IsNumber || FieldPrivacy.IsKeptByRule(_rules, field.Name) || !(FieldPrivacy.IsFromRecord(field.Name) || field.Name == "event.action"))
        {
            return field;
        }

        if (field.Name.Split('.', 3) is [_, "metadata", var key] && _private.IsInName(key)) return null;

        var values = field.Values.Where(value => field.Name != "intercom.changed_settings" || !_private.IsInName(value))
            .Select(value => (Before: value, After: Replaced(value)))
            .Where(value => value.Before == value.After || (value.After != Removed && FieldPrivacy.IsText(field)))
            .Select(value => value.After).Distinct().ToList();
        return values.Count == 0 ? null : field with { Values = values };
    }

    /// <summary>A field that has a rule of its own.</summary>
    private FlatField? Ruled(FlatField field, PrivacyAction action)
        => action == PrivacyAction.Hash && FieldPrivacy.IsText(field) ? field with { Values = [.. field.Values.Select(Hash).Distinct()] } : null;

    private string Replaced(string value) => _private.Replace(value, (found, action) => action == PrivacyAction.Hash ? Hash(found) : Removed);

    /// <summary>Equal for every case of letters: it is the same person.</summary>
    private string Hash(string value) => "hmac:" + Convert.ToHexStringLower(Hmac(value.ToLowerInvariant()).AsSpan(0, 16));

    private byte[] Hmac(string text) => HMACSHA256.HashData(_rules.Key.Span, Encoding.UTF8.GetBytes(text));

    private PrivacyAction ActionOf(string field)
    {
        if (!_actionOfField.TryGetValue(field, out var action))
        {
            action = FieldPrivacy.ActionOf(_rules, field);
            if (_actionOfField.Count < 4096) _actionOfField[field] = action;
        }

        return action;
    }

    private static string? Single(List<FlatField> fields, string name) => fields.Find(field => field.Name == name)?.Values[0];
}
