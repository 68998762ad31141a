namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Brings the cluster into the state that events need: templates and policies before the first request, and the indices or the data stream of
/// a request before it is sent.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class ClusterPreparation(
    ClusterClient client, MonthIndices months, HeldIndices held, ElasticsearchOptions options, string setupFolder, TimeProvider time, ILogger log)
{
    private readonly OlderIndices _older = new(client);
    private WinningTemplates? _templates;

    /// <summary>The templates and policies are there, as far as this user can see.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Looks for templates and policies, and installs them where that is wanted.</summary>
    /// <returns>Null when the cluster is ready.</returns>
    public async Task<RetryReason?> PrepareAsync(CancellationToken cancellationToken)
    {
        var root = await client.GetAsync("", cancellationToken);
        if (root.Status is not (200 or 403)) return RetryReason.Of(root);

        var server = ServerInfo.Of(root);
        var plan = SetupPlan.Of(setupFolder, options, server);
        var results = await ClusterSetup.RunAsync(client, plan, options.Setup, cancellationToken);
        foreach (var result in results)
        {
            if (Report(result) is { } reason) return reason;
        }

        _templates = new WinningTemplates(client, plan);
        foreach (var index in Targets.Examples(plan, options, time.GetUtcNow()))
        {
            if (await _templates.ProblemAsync(index, cancellationToken) is { } problem) ElasticsearchLog.OtherTemplate(log, problem.Cause, problem.Fix);
        }

        ElasticsearchLog.Connected(log, server.ToString(), options.Mode == ElasticsearchMode.Month ? "an index a month" : "a data stream");
        IsDone = true;
        return null;
    }

    /// <summary>
    /// Makes the indices of the events, or takes out of a request what an older index of the data stream holds already. The events of an index that
    /// cannot be made wait.
    /// </summary>
    /// <returns>Null when the request can be sent.</returns>
    public async Task<RetryReason?> PrepareTargetsAsync(List<PendingEvent> events, WriteProgress progress, CancellationToken cancellationToken)
    {
        if (options.Mode == ElasticsearchMode.Month)
        {
            foreach (var index in events.Select(e => e.Target).Distinct().ToList())
            {
                if (months.IsMade(index)) continue;

                var reason = held.Reason(index)
                    ?? (_templates is null ? null : await _templates.ProblemAsync(index, cancellationToken))
                    ?? await months.EnsureAsync(index, cancellationToken);
                if (reason is null) continue;

                if (!reason.IsOfIndex) return reason;

                if (held.Reason(index) is null) held.Hold(index, reason);

                foreach (var e in events.Where(e => e.Target == index && !e.IsSettled)) progress.Wait(e, reason);

                events.RemoveAll(e => e.Target == index);
            }

            return null;
        }

        var (stored, failed) = await _older.FindAsync(events, cancellationToken);
        if (failed is not null) return RetryReason.Of(failed);

        if (stored.Count > 0)
        {
            var known = stored.Count(e => !e.IsSettled);
            ElasticsearchLog.FoundInOlder(log, known);
            progress.Known += known;
            events.RemoveAll(stored.Contains);
        }

        return null;
    }

    private RetryReason? Report(SetupResult result)
    {
        var (step, outcome, said) = result;
        switch (outcome)
        {
            case SetupOutcome.Installed:
                ElasticsearchLog.Installed(log, step.Kind, step.Name);
                return null;
            case SetupOutcome.Denied when !options.Setup:
                ElasticsearchLog.NotSeen(log, step.Kind, step.Name, said.ToString());
                return null;
            case SetupOutcome.Denied:
                ElasticsearchLog.Denied(log, step.Kind, step.Name, said.ToString());
                return null;
            case SetupOutcome.Unsupported:
                ElasticsearchLog.Unsupported(log, step.Kind, said.ToString());
                return null;
            case SetupOutcome.Missing:
                return new RetryReason(
                    $"Elasticsearch has no {step.Kind} {step.Name}, and without it fields would have the wrong types.",
                    SetupResult.Fix,
                    NeedsOperator: true);
            case SetupOutcome.Failed:
                return RetryReason.Of(said, $"{step.Kind} {step.Name}: ");
            default:
                return null;
        }
    }
}
