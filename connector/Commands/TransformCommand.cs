using System.Buffers;
using System.CommandLine;
using ActivityConnector.Configuration;
using ActivityConnector.Detections;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;
using ActivityConnector.Terminals;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary><c>transform</c>: raw records in, events out; no network, no state.</summary>
internal static class TransformCommand
{
    private const int WriteBytes = 64 * 1024;

    /// <summary>A record that takes long enough for a person to press Ctrl-C.</summary>
    private const int LargeRecord = 1 << 20;

    public static Command Create(Shell shell)
    {
        var source = ChoiceOption.CreateRequired("--source", "The vendor whose records these are.", Vendor.Names);
        var format = ChoiceOption.CreateOptional("--format", "Dotted keys or nested objects. Default: Transform:Format.", "flat", "nested");
        var account = new Option<string?>("--account")
        {
            Description = "organization.id of Intercom's events. Default: Sources:Intercom:Account.",
            HelpName = "ID",
        };
        var explain = new Option<bool>("--explain") { Description = "Prints which detection rules the records would fire, instead of the events." };
        var rules = RulesFolder.Option();
        var command = new Command(
            "transform",
            "Maps records from standard input to events on standard output, one a line. Takes a record a line, arrays, and whole answers of the vendor.")
        {
            source, format, account, explain, rules,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = shell.ValidOptions(parse, "Transform");
            var vendor = parse.GetRequiredValue(source);
            var nested = (parse.GetValue(format) ?? OptionTypes.NameOf(options.Transform.Format)) == "nested";
            var transform = Offline(Vendor.Named(vendor), options, parse.GetValue(account), shell.Terminal.WorkingDirectory);
            var records = new RawRecords(shell.Terminal.In, Vendor.Named(vendor).RecordsProperty);
            if (!parse.GetValue(explain) && parse.GetValue(rules) is not null)
            {
                throw new CommandFailedException(ExitCodes.WrongUsage, "--rules means nothing without --explain.");
            }

            var explanation = parse.GetValue(explain) ? new Explanation(RulesFolder.Read(RulesFolder.Of(parse, rules, shell))) : null;
            var (count, foreign) = (0L, new ForeignRecords(Vendor.Named(vendor)));
            await using var progress = Progress.StartBesideOutput(shell.Terminal, "records mapped", () => new(count));
            try
            {
                var code = await RunAsync(records, foreign, transform, nested, explanation, shell.Terminal, () => count++, cancellationToken);
                explanation?.Table().Write(shell.Terminal, shell.Output(parse));
                if (explanation is not null) shell.Terminal.WriteError(explanation.Summary);

                return code;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                shell.Terminal.WriteError(
                    $"Stopped before the end: {CountText.Of(count, "record")} mapped, the rest was not. The last events may not have been written.");
                throw;
            }
        });
        return command;
    }

    /// <summary>The transform as configured, without network and state.</summary>
    /// <param name="account">The organisation of the records where none of them names it; null = the configured account.</param>
    public static IActivityTransform Offline(Vendor vendor, ConnectorOptions options, string? account, string workingDirectory)
    {
        // The journal keeps the agent's id; without one it has none.
        var agent = new AgentIdentity("", options.Transform.AgentName ?? Environment.MachineName, ConnectorHost.Version);
        var origin = vendor.OfflineOrigin(options, account);

        // This command does without a valid section of the source, and an address that is not valid may have a password in it.
        if (!VendorAddress.TryParse(origin.ServiceAddress, out _, out _)) origin = origin with { ServiceAddress = "" };

        return VendorTables.Of(options.Transform)[vendor.Name].NewTransform(TransformSettings.Of(options.Transform, origin, agent, workingDirectory));
    }

    /// <param name="explanation">Sees the events, which are then not written; null = they are written.</param>
    /// <param name="mapped">Called after each record.</param>
    private static async Task<int> RunAsync(
        RawRecords records,
        ForeignRecords foreign,
        IActivityTransform transform,
        bool nested,
        Explanation? explanation,
        Terminal terminal,
        Action mapped,
        CancellationToken cancellationToken)
    {
        // Not disposed when it is stopped: a mapping that is given up still writes there.
        var events = new EventBatch();
        var output = new ArrayBufferWriter<byte>(2 * WriteBytes);
        var code = ExitCodes.Done;
        await using var enumerator = records.ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var next = enumerator.MoveNextAsync();
            if (!next.IsCompleted || output.WrittenCount >= WriteBytes)
            {
                // Before waiting for input: a reader sees what there is.
                await terminal.OutBytes.WriteAsync(output.WrittenMemory, cancellationToken);
                await terminal.OutBytes.FlushAsync(cancellationToken);
                output.ResetWrittenCount();
            }

            if (!await next)
            {
                await terminal.OutBytes.WriteAsync(output.WrittenMemory, cancellationToken);
                await terminal.OutBytes.FlushAsync(cancellationToken);
                events.Dispose();
                if (foreign.Summary is { } summary) terminal.WriteError(summary);

                return code;
            }

            if (enumerator.Current is { Error: { } error } broken)
            {
                terminal.WriteError($"line {broken.Line}: {error}");
                code = ExitCodes.Failed;
                continue;
            }

            if (foreign.Trouble(enumerator.Current) is { } trouble)
            {
                if (foreign.Count == 1) terminal.WriteError($"line {enumerator.Current.Line}: {trouble}");

                code = ExitCodes.Failed;
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            var record = new RawActivity(enumerator.Current.Json, terminal.Clock.GetUtcNow());
            if (record.Json.Length < LargeRecord)
            {
                transform.Transform(record, events);
            }
            else
            {
                await Task.Run(() => transform.Transform(record, events), CancellationToken.None).WaitAsync(cancellationToken);
            }

            if (explanation is null)
            {
                Append(events, nested, output);
            }
            else
            {
                explanation.See(events);
            }

            events.Clear();
            mapped();
        }
    }

    private static void Append(EventBatch events, bool nested, ArrayBufferWriter<byte> output)
    {
        foreach (var e in events.Events)
        {
            if (nested)
            {
                NestedEvent.Write(e.Json.Span, output);
            }
            else
            {
                output.Write(e.Json.Span);
            }

            output.Write("\n"u8);
        }
    }
}
