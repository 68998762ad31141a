using System.Text.Json.Nodes;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>What became of one step.</summary>
internal enum SetupOutcome
{
    /// <summary>There already, in this version or a newer one.</summary>
    Present,

    Installed,

    /// <summary>Not there, and not installed: it was not asked for, or is not allowed.</summary>
    Missing,

    /// <summary>This user may not even see whether it is there.</summary>
    Denied,

    /// <summary>The server has no such thing, and it goes without.</summary>
    Unsupported,

    /// <summary>The server does not take it, or cannot now.</summary>
    Failed,
}

/// <param name="Said">What the server answered last.</param>
internal sealed record SetupResult(SetupStep Step, SetupOutcome Outcome, ServerResponse Said)
{
    /// <summary>What to do about a step that is missing.</summary>
    public const string Fix = "Run setup elasticsearch with a user that has manage_index_templates and manage_ilm.";
}

/// <summary>Brings a cluster into the state that the events need. Safe to repeat, and to do from several places at once.</summary>
internal static class ClusterSetup
{
    /// <summary>
    /// Ends with the first step that failed. A policy is only installed when there is none: how long to keep is the cluster's owner's to
    /// change.
    /// </summary>
    /// <param name="install">False = only look.</param>
    public static async Task<IReadOnlyList<SetupResult>> RunAsync(
        ClusterClient client, IEnumerable<SetupStep> steps, bool install, CancellationToken cancellationToken)
    {
        var results = new List<SetupResult>();
        foreach (var step in steps)
        {
            results.Add(await RunAsync(client, step, install, cancellationToken));
            if (results[^1].Outcome == SetupOutcome.Failed) break;
        }

        return results;
    }

    private static async Task<SetupResult> RunAsync(ClusterClient client, SetupStep step, bool install, CancellationToken cancellationToken)
    {
        var there = await client.GetAsync(step.Path, cancellationToken);
        if (there.Status is 401 or 403) return new(step, there.Status == 401 ? SetupOutcome.Failed : SetupOutcome.Denied, there);

        if (IsUnsupported(step, there)) return new(step, SetupOutcome.Unsupported, there);

        if (!there.IsSuccess && there.Status != 404) return new(step, SetupOutcome.Failed, there);

        if (there.IsSuccess && IsNewEnough(step, there)) return new(step, SetupOutcome.Present, there);

        if (!install) return new(step, SetupOutcome.Missing, there);

        var put = await client.PutAsync(step.Path, step.Body, cancellationToken);
        return new(step, put switch
        {
            { IsSuccess: true } => SetupOutcome.Installed,

            // Another process installed it in the meantime.
            { Status: 409 } => SetupOutcome.Present,
            { Status: 403 } => there.IsSuccess ? SetupOutcome.Present : SetupOutcome.Missing,
            _ when IsUnsupported(step, put) => SetupOutcome.Unsupported,
            _ => SetupOutcome.Failed,
        }, put);
    }

    // "No handler found": 400 from both servers, and without a kind of error; a policy that is not there is a 404 with one.
    private static bool IsUnsupported(SetupStep step, ServerResponse response) =>
        step.IsOptional && response.Status is 400 or 405 or 410 or 501 && response.Error.Type is null;

    private static bool IsNewEnough(SetupStep step, ServerResponse there)
    {
        if (step.IsOptional) return true;

        return SetupPlan.VersionIn(there.Node()) >= SetupPlan.VersionIn(JsonNode.Parse(step.Body));
    }
}
