using System.CommandLine;
using ActivityConnector.Configuration;
using ActivityConnector.Dashboards;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary><c>setup kibana</c> and <c>setup opensearch-dashboards</c>: the data view, the dashboards and the detection rules.</summary>
internal static class SetupDashboards
{
    public static Command CreateKibana(Shell shell)
    {
        var space = new Option<string?>("--space") { Description = "The id of the space. Default: Dashboards:Space, else the default space.", HelpName = "ID" };
        space.Validators.Add(result =>
        {
            // In the path of a request, .. would be the default space.
            if (result.Tokens is [{ Value: var id }] && !DashboardsOptions.IsSpaceId(id)) result.AddError($"--space {id}: {DashboardsOptions.SpaceIdFix}");
        });
        var enable = new Option<bool>("--enable") { Description = "Detection rules that are new here run at once; without it they are made disabled." };
        var command = new Command("kibana", "Data view, dashboards and detection rules: imports what is missing or of an older version.") { space, enable };
        Complete(
            command,
            shell,
            DashboardsProduct.Kibana,
            parse => new(parse.GetValue(space), Tenant: null, parse.GetValue(enable)));
        return command;
    }

    public static Command CreateOpenSearchDashboards(Shell shell)
    {
        var tenant = new Option<string?>("--tenant")
        {
            Description = "The tenant: a name, or global or private. Default: the one that the server gives the user.",
            HelpName = "NAME",
        };
        var command = new Command("opensearch-dashboards", "Index pattern and dashboards: imports what is missing or of an older version.") { tenant };
        Complete(command, shell, DashboardsProduct.OpenSearchDashboards, parse => new(Space: null, parse.GetValue(tenant), Enable: false));
        return command;
    }

    private static void Complete(Command command, Shell shell, DashboardsProduct product, Func<ParseResult, Place> placeOf)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Imports nothing: prints what would be imported, and what --overwrite would replace." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replaces what a user changed too." };
        command.Add(dryRun);
        command.Add(overwrite);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var loaded = shell.Valid(parse, "Dashboards", "Elasticsearch");
            var options = loaded.Options.Dashboards;
            if (!options.IsOn)
            {
                throw new CommandFailedException(
                    ExitCodes.Configuration,
                    new ConfigurationProblem("Dashboards:Url", "It is empty.", $"Give the address of {product.Name} as https://host:5601.").ToString());
            }

            var (space, tenant, enable) = placeOf(parse);
            if (product == DashboardsProduct.Kibana) space ??= options.Space;

            var names = new IndexNames(loaded.Options.Elasticsearch.Prefix, Vendor.Names);
            var folder = loaded.FolderOf(product.Verb);
            var objects = DeliveredFolder.Read(folder, names);
            var setup = new DashboardsSetup(ReleasedContents.Read(folder), names, parse.GetValue(overwrite), parse.GetValue(dryRun));
            using var client = new DashboardsClient(
                product, options.ServerBeside(loaded.Options.Elasticsearch), space, tenant, shell.Terminal.Clock);
            try
            {
                await client.FindSpaceAsync(cancellationToken);
                await setup.ApplyAsync(new SavedObjectApi(client, product), [.. objects.Where(o => !o.IsRule)], cancellationToken);
                await setup.ApplyAsync(new DetectionRuleApi(client, enable), [.. objects.Where(o => o.IsRule)], cancellationToken);
            }
            finally
            {
                if (setup.Rows.Count > 0) Write(setup, parse.GetValue(dryRun), shell.Terminal, shell.Output(parse));
            }

            return setup.Rows.All(row => row.Outcome != ImportOutcome.Failed) ? ExitCodes.Done : ExitCodes.Failed;
        });
    }

    private static void Write(DashboardsSetup setup, bool isDryRun, Terminal terminal, OutputFormat format)
    {
        var table = new ResultTable("kind", "name", "outcome", "detail");
        foreach (var row in setup.Rows) table.Add(row.Kind, row.Name, TextOf(row.Outcome, isDryRun), row.Detail);

        table.Write(terminal, format);
        foreach (var warning in setup.Warnings) terminal.WriteError($"warning: The server says: {warning}", LogLevel.Warning);
    }

    private static string TextOf(ImportOutcome outcome, bool isDryRun) => outcome switch
    {
        ImportOutcome.Created => isDryRun ? "would be created" : "created",
        ImportOutcome.Same => "is there",
        ImportOutcome.Updated => isDryRun ? "would be updated" : "updated",
        ImportOutcome.Kept => isDryRun ? "would be kept" : "kept",
        ImportOutcome.Overwritten => isDryRun ? "would be overwritten" : "overwritten",
        ImportOutcome.Unsupported => "left out",
        _ => "failed",
    };

    /// <summary>Where it is imported to, and whether new rules run at once.</summary>
    private sealed record Place(string? Space, string? Tenant, bool Enable);
}
