using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Whether events could be brought to the cluster: each node, the templates, and the rights, which the cluster is asked for. Changes
/// nothing.
/// </summary>
internal static class ElasticsearchCheck
{
    /// <summary>Names in a message.</summary>
    private const int MostNamed = 3;

    public static async Task<IReadOnlyList<CheckResult>> RunAsync(ElasticsearchOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var results = new List<CheckResult>();
        var (server, anyAnswers) = (new ServerInfo(false, false, null), false);
        try
        {
            foreach (var url in options.Urls)
            {
                using var node = new ClusterClient(options, time, [url]);
                var response = await node.GetAsync("", cancellationToken);
                results.Add(Node(url, response));
                if (results[^1].Passed) (server, anyAnswers) = (ServerInfo.Of(response), true);
            }

            if (anyAnswers)
            {
                using var client = new ClusterClient(options, time);
                var plan = SetupPlan.Of(options.SetupFolder!, options, server);
                var steps = await ClusterSetup.RunAsync(client, plan, install: false, cancellationToken);
                results.AddRange(steps.Select(r => Template(r, options)));
                results.Add(await RightsAsync(client, options, plan, cancellationToken));
                results.Add(await ClosedAsync(client, plan, cancellationToken));
                var (templates, pipelines) = (new WinningTemplates(client, plan), new IngestPipelines(client));
                foreach (var index in Targets.Examples(plan, options, time.GetUtcNow()))
                {
                    results.Add(steps.All(s => s.Outcome != SetupOutcome.Missing)
                        ? await templates.CheckAsync(index, cancellationToken)
                        : CheckResult.NotChecked($"template of {index}", "The connector's own are not installed yet."));
                    results.Add(await pipelines.CheckAsync(index, cancellationToken));
                }
            }
        }
        catch (SinkRefusedException e)
        {
            results.Add(new("Elasticsearch", e.Message, e.Fix));
        }

        return results;
    }

    private static CheckResult Node(string url, ServerResponse response)
    {
        var part = $"Elasticsearch {url}";
        return response.Status switch
        {
            200 => new(part, $"It answers: {ServerInfo.Of(response)}."),
            403 => new(part, "It answers, and does not let this user see its version."),
            401 => new(part, $"It refuses the credential ({response}).", "Set Elasticsearch:ApiKey, or Username and Password."),
            _ when response.IsUntrusted => new(part, $"Its certificate is not trusted ({response}).", RetryReason.UntrustedFix),
            _ when response.IsNodeDown => new(
                part, $"It does not answer ({response}).", "See that the node is up and its address, port and certificate are right."),
            _ => new(part, $"It answers as no cluster does ({response}).", "Give the address of a node, or of what stands before the nodes."),
        };
    }

    private static CheckResult Template(SetupResult result, ElasticsearchOptions options)
    {
        var (step, outcome, said) = result;
        var part = $"{step.Kind} {step.Name}";
        return outcome switch
        {
            SetupOutcome.Present => new(part, "It is there."),
            SetupOutcome.Missing when options.Setup => new(part, "It is not there, or of an older version; it is installed at the start."),
            SetupOutcome.Missing => new(part, "It is not there, or of an older version.", SetupResult.Fix),
            SetupOutcome.Denied => CheckResult.NotChecked(
                part, $"This user may not see whether it is there ({said}); with the cluster privilege monitor it may."),
            SetupOutcome.Unsupported => new(part, $"This server has no such thing ({said}); nothing is deleted by itself."),
            _ => new(part, $"It cannot be looked at ({said}).", "See what the cluster reports about it."),
        };
    }

    /// <summary>Events of a closed index wait until it is open.</summary>
    private static async Task<CheckResult> ClosedAsync(ClusterClient client, IReadOnlyList<SetupStep> plan, CancellationToken cancellationToken)
    {
        const string Part = "closed indices";
        var patterns = string.Join(',', JsonNode.Parse(plan[^1].Body)!["index_patterns"]!.AsArray().Select(pattern => pattern!.GetValue<string>()));
        var response = await client.GetAsync($"{patterns}/_settings/index.uuid?expand_wildcards=closed&allow_no_indices=true", cancellationToken);
        if (!response.IsSuccess || response.Node() is not JsonObject indices)
        {
            return CheckResult.NotChecked(Part, $"This user may not see them ({response}); with the index privilege view_index_metadata it may.");
        }

        var closed = indices.Select(index => index.Key).Order(StringComparer.Ordinal).ToList();
        return closed.Count == 0
            ? new(Part, "There are none.")
            : new(
                Part,
                $"Closed: {string.Join(", ", closed.Take(MostNamed))}{(closed.Count > MostNamed ? $" and {closed.Count - MostNamed} more" : "")}. "
                + "Events for them wait in the journal.",
                $"Open them: POST {closed[0]}/_open.");
    }

    private static async Task<CheckResult> RightsAsync(
        ClusterClient client, ElasticsearchOptions options, IReadOnlyList<SetupStep> plan, CancellationToken cancellationToken)
    {
        const string Part = "Elasticsearch rights";
        string[] rights = options.Mode == ElasticsearchMode.Month
            ? ["create_doc", "create_index", "auto_configure"]
            : ["create_doc", "auto_configure", "read", "view_index_metadata"];
        string[] cluster = options.Setup ? ["manage_index_templates", "manage_ilm"] : [];
        var names = JsonNode.Parse(plan[^1].Body)!["index_patterns"]!.DeepClone();
        var question = new JsonObject
        {
            ["cluster"] = new JsonArray([.. cluster.Select(r => JsonValue.Create(r))]),
            ["index"] = new JsonArray(new JsonObject { ["names"] = names, ["privileges"] = new JsonArray([.. rights.Select(r => JsonValue.Create(r))]) }),
        };
        var response = await client.PostAsync(
            "_security/user/_has_privileges", Encoding.UTF8.GetBytes(question.ToJsonString()), "application/json", cancellationToken);
        if (!response.IsSuccess)
        {
            // OpenSearch has no such question, nor has a server without security.
            return CheckResult.NotChecked(Part, $"This server cannot be asked for them ({response}).");
        }

        var missing = Missing(response.Node()).Distinct().ToList();
        return missing.Count == 0
            ? new(Part, $"It has {string.Join(", ", cluster.Concat(rights))}.")
            : new(Part, $"It lacks {string.Join(", ", missing)}.", cluster.Any(missing.Contains)
                ? "Give them to the key or user; or run setup elasticsearch with another one and set Elasticsearch:Setup to false."
                : "Give them to the key or user, on these index names.");
    }

    private static IEnumerable<string> Missing(JsonNode? response) => (response as JsonObject ?? []).SelectMany(member => member.Value?.GetValueKind() switch
    {
        JsonValueKind.Object => Missing(member.Value),
        JsonValueKind.False when member.Key != "has_all_requested" => [member.Key],
        _ => [],
    });
}
