using System.Text.Json.Nodes;

namespace ActivityConnector.Detections;

/// <summary>The tags of a rule that name MITRE ATT&amp;CK, as Elastic Security has them.</summary>
internal sealed class ThreatForm(AttackNames attack)
{
    /// <summary>A tactic each, with the techniques that belong to it.</summary>
    /// <exception cref="RuleFileException">A tag has no name, or a technique no tactic.</exception>
    public JsonArray Of(DetectionRule rule)
    {
        var tactics = Tagged(rule, attack.Tactics.Keys);
        var techniques = Tagged(rule, attack.Techniques.Keys);
        var orphan = techniques.FirstOrDefault(t => !attack.Techniques.ContainsKey(t.Split('.')[0]) || !attack.Techniques[t].Tactics.Any(tactics.Contains));
        if (orphan is not null)
        {
            throw new RuleFileException(
                rule.Name + ".yml", 1, $"The technique {orphan} needs the tag of one of its tactics, and the technique above it in the folder attack.");
        }

        var unknown = rule.Tags.Where(t => t.StartsWith("attack.", StringComparison.Ordinal)).FirstOrDefault(
            t => !attack.Tactics.Keys.Concat(attack.Techniques.Keys).Contains(t["attack.".Length..], StringComparer.OrdinalIgnoreCase));
        if (unknown is not null)
        {
            throw new RuleFileException(rule.Name + ".yml", 1, $"The tag '{unknown}' is not in the folder attack. Add its name there, or correct the tag.");
        }

        return new([.. tactics.Select(tactic => new JsonObject
        {
            ["framework"] = "MITRE ATT&CK",
            ["tactic"] = Entry(attack.Tactics[tactic].Id, attack.Tactics[tactic].Name, "tactics"),
            ["technique"] = TechniquesOf(tactic, techniques),
        })]);
    }

    private JsonArray TechniquesOf(string tactic, IReadOnlyList<string> techniques)
    {
        var ofTactic = techniques.Where(t => attack.Techniques[t].Tactics.Contains(tactic)).GroupBy(t => t.Split('.')[0]);
        return new([.. ofTactic.Select(family =>
        {
            var technique = Entry(family.Key, attack.Techniques[family.Key].Name, "techniques");
            var below = family.Where(t => t != family.Key).Select(t => Entry(t, attack.Techniques[t].Name, "techniques")).ToList();
            if (below.Count > 0) technique["subtechnique"] = new JsonArray([.. below]);

            return technique;
        })]);
    }

    /// <summary>The names of the tactics.</summary>
    public IEnumerable<string> TacticsOf(DetectionRule rule) => Tagged(rule, attack.Tactics.Keys).Select(t => attack.Tactics[t].Name);

    private static IReadOnlyList<string> Tagged(DetectionRule rule, IEnumerable<string> names) =>
        [.. names.Where(name => rule.Tags.Contains($"attack.{name}", StringComparer.OrdinalIgnoreCase))];

    private static JsonObject Entry(string id, string name, string kind) => new()
    {
        ["id"] = id,
        ["name"] = name,
        ["reference"] = $"https://attack.mitre.org/{kind}/{id.Replace('.', '/')}/",
    };
}
