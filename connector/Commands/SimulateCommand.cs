using System.CommandLine;
using System.Globalization;
using ActivityConnector.Simulation;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary><c>simulate</c>: both vendors' APIs on loopback, for tests and first steps.</summary>
internal static class SimulateCommand
{
    public static Command Create(Shell shell)
    {
        var defaults = new SimulatorOptions();
        var port = NumberOption.Create("--port", "The loopback port; 0 takes any free one.", defaults.Port, 65_535);
        var intercom = NumberOption.Create("--intercom", "Records that Intercom has at the start.", defaults.Intercom.Records, 100_000_000);
        var sequence = NumberOption.Create("--sequence", "Activity logs that Sequence has at the start.", defaults.Sequence.Records, 100_000_000);
        var seed = NumberOption.Create("--seed", "Records and faults follow from it.", defaults.Seed, int.MaxValue);
        var quota = NumberOption.Create(
            "--quota", "Requests a minute that each vendor allows. Theirs are 10000 (Intercom) and 1500 (Sequence).", 0, 10_000_000);
        var latency = NumberOption.Create("--latency", "How long each answer takes, in milliseconds.", 0, 60_000);
        var rate = new Option<double>("--rate") { Description = "New records a second and vendor.", HelpName = "N/s" };
        rate.CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            var digits = text.EndsWith("/s", StringComparison.Ordinal) ? text[..^2] : text;
            if (double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return number;

            result.AddError($"--rate {text}: give a number of records a second.");
            return 0;
        };
        var faults = new Option<FaultSpec[]>("--fault")
        {
            Description = $"A fault and the share of requests it hits, for example 429:0.05. Repeatable. Kinds: {string.Join(", ", FaultSpec.Meanings)}.",
            HelpName = "KIND:RATE",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            CustomParser = result =>
            {
                try
                {
                    return [.. result.Tokens.Select(token => FaultSpec.Parse(token.Value))];
                }
                catch (FormatException e)
                {
                    result.AddError(e.Message);
                    return null;
                }
            },
        };
        var command = new Command("simulate", "Runs the simulators of both vendors on loopback until it is stopped.")
        {
            port, intercom, sequence, seed, rate, quota, latency, faults,
        };
        command.SetAction((parse, cancellationToken) => RunAsync(
            new SimulatorOptions
            {
                Port = parse.GetValue(port),
                Seed = parse.GetValue(seed),
                RatePerSecond = parse.GetValue(rate),
                Latency = TimeSpan.FromMilliseconds(parse.GetValue(latency)),
                Faults = parse.GetValue(faults) ?? [],
                Intercom = defaults.Intercom with
                {
                    Records = parse.GetValue(intercom),
                    RateLimit = parse.GetValue(quota) is > 0 and var a ? Math.Max(1, a / 6) : defaults.Intercom.RateLimit,
                },
                Sequence = defaults.Sequence with
                {
                    Records = parse.GetValue(sequence),
                    RequestsPerMinute = parse.GetValue(quota) is > 0 and var b ? b : defaults.Sequence.RequestsPerMinute,
                },
            },
            shell.Terminal,
            cancellationToken));
        return shell.WithoutResults(shell.WithoutConfiguration(command));
    }

    /// <summary>Serves until cancelled, which is the normal end.</summary>
    private static async Task<int> RunAsync(SimulatorOptions options, Terminal terminal, CancellationToken cancellationToken)
    {
        VendorSimulator simulator;
        try
        {
            simulator = await VendorSimulator.StartAsync(options, terminal.Clock, cancellationToken);
        }
        catch (IOException e)
        {
            throw new CommandFailedException(
                ExitCodes.Failed, $"The simulators cannot listen on port {options.Port}: {e.Message} Give another --port, or 0 for any free one.");
        }

        await using (simulator)
        {
            foreach (var line in Describe(simulator, options, terminal.Program)) terminal.WriteLine(line);

            await Task.Delay(Timeout.InfiniteTimeSpan, terminal.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return ExitCodes.Done;
    }

    /// <summary>Lines for a shell: what is not a command is a comment.</summary>
    private static IEnumerable<string> Describe(VendorSimulator simulator, SimulatorOptions options, string program)
    {
        var (intercom, sequence) = (simulator.Intercom, simulator.Sequence);
        var span = FormattableString.Invariant($"of the last {options.Span.TotalDays:0.##} days");
        var rate = options.RatePerSecond > 0 ? FormattableString.Invariant($", {options.RatePerSecond} new ones a second") : "";
        yield return "# Both vendors are simulated on this machine until Ctrl-C. Paste these lines into another terminal, in this folder.";
        yield return $"# Intercom: {intercom.VisibleCount} records {span}{rate}";
        yield return $"export Sources__Intercom__BaseUrl={simulator.IntercomBaseUrl}";
        yield return $"export Sources__Intercom__AccessToken={intercom.AccessToken}";
        yield return $"# Sequence: {sequence.VisibleCount} activity logs {span}{rate}";
        yield return $"export Sources__Sequence__BaseUrl={simulator.SequenceBaseUrl}";
        yield return $"export Sources__Sequence__ClientId={sequence.ClientId}";
        yield return $"export Sources__Sequence__ClientSecret={sequence.ClientSecret}";
        if (options.Faults.Count > 0) yield return $"# Faults: {string.Join(", ", options.Faults)}";

        yield return "# Then:";
        yield return $"#   {program} check             # tries the credentials and the journal";
        yield return $"#   {program} run --once        # collects what there is, and ends";
        yield return $"#   {program} export            # the events; or 'checkpoint show', 'run' for the service";
    }
}
