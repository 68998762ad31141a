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
            Description = $"A fault and the share of requests it hits, for example 429:0.05. Repeatable. Kinds: {string.Join(", ", FaultSpec.KindNames)}.",
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
            port, intercom, sequence, seed, rate, quota, faults,
        };
        command.SetAction((parse, cancellationToken) => VendorSimulator.RunAsync(
            new SimulatorOptions
            {
                Port = parse.GetValue(port),
                Seed = parse.GetValue(seed),
                RatePerSecond = parse.GetValue(rate),
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
            shell.Terminal.Clock,
            shell.Terminal.Out,
            cancellationToken));
        return shell.WithoutResults(shell.WithoutConfiguration(command));
    }
}
