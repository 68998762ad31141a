using System.Text.Json.Nodes;

namespace ActivityConnector.Dashboards;

/// <summary>
/// Brings what is delivered into Kibana or OpenSearch Dashboards. Safe to repeat: what is there and the same is not written, and what a user changed is
/// left as it is.
/// </summary>
/// <param name="released">The contents that releases delivered, by the key of the object.</param>
/// <param name="overwrite">Whether what a user changed is replaced too.</param>
/// <param name="dryRun">Whether nothing is written.</param>
internal sealed class DashboardsSetup(
    IReadOnlyDictionary<string, IReadOnlyList<ReleasedContent>> released, IndexNames names, bool overwrite, bool dryRun)
{
    private readonly List<ImportRow> _rows = [];
    private readonly List<string> _warnings = [];

    /// <summary>What became of the objects, also of those before an exception.</summary>
    public IReadOnlyList<ImportRow> Rows => _rows;

    /// <summary>What the server warned of.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <exception cref="DashboardsException">The server cannot be worked with.</exception>
    public async Task ApplyAsync(IObjectApi api, IReadOnlyList<DeliveredObject> objects, CancellationToken cancellationToken)
    {
        if (objects.Count == 0) return;

        var found = await api.FindAsync(objects, cancellationToken);
        if (found.Unsupported is { } unsupported)
        {
            _rows.Add(new(objects[0].Kind + "s", $"{objects.Count} of them", ImportOutcome.Unsupported, unsupported));
            return;
        }

        var planned = objects
            .Select(o => (Object: o, Row: found.Problem is { } problem ? new(o.Kind, o.Name, ImportOutcome.Failed, problem) : Plan(o, found)))
            .ToList();
        if (dryRun)
        {
            _rows.AddRange(planned.Select(p => p.Row));
            return;
        }

        var (created, replaced) = (Lines(ImportOutcome.Created), Lines(ImportOutcome.Updated, ImportOutcome.Overwritten));
        var answers = new List<ImportAnswer>();
        if (created.Count > 0) answers.Add(await api.ImportAsync(created, overwrite: false, cancellationToken));

        if (replaced.Count > 0) answers.Add(await api.ImportAsync(replaced, overwrite: true, cancellationToken));

        _warnings.AddRange(answers.SelectMany(answer => answer.Warnings));
        _rows.AddRange(planned.Select(p => After(p.Object, p.Row, answers)));

        List<(DeliveredObject, JsonObject)> Lines(params ImportOutcome[] outcomes) =>
            [.. planned.Where(p => outcomes.Contains(p.Row.Outcome)).Select(p => (p.Object, api.LineOf(p.Object, found)))];
    }

    private static ImportRow After(DeliveredObject delivered, ImportRow row, IReadOnlyList<ImportAnswer> answers)
    {
        foreach (var answer in answers)
        {
            if (answer.Problems.TryGetValue(delivered.Key, out var problem)) return row with { Outcome = ImportOutcome.Failed, Detail = problem };

            if (answer.Notes.TryGetValue(delivered.Key, out var note)) return row with { Detail = note };
        }

        return row;
    }

    private ImportRow Plan(DeliveredObject delivered, FoundObjects found)
    {
        var row = new ImportRow(delivered.Kind, delivered.Name, ImportOutcome.Created);
        if (!found.Objects.TryGetValue(delivered.Key, out var there)) return row;

        var differences = ObjectContent.Differences(there.Content, delivered.Content);
        if (differences.Count == 0) return row with { Outcome = ImportOutcome.Same };

        var fields = string.Join(", ", differences);
        var isOurs = released.GetValueOrDefault(delivered.Key, []).Any(content => ObjectContent.Hash(there.Content, content.Fields, names) == content.Hash);
        return isOurs ? row with { Outcome = ImportOutcome.Updated, Detail = fields }
            : overwrite ? row with { Outcome = ImportOutcome.Overwritten, Detail = fields }
            : row with { Outcome = ImportOutcome.Kept, Detail = $"A user changed {fields}. With --overwrite, these are replaced." };
    }
}
