using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActivityConnector.Detections;
using ActivityConnector.Terminals;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary><c>detections</c>: the detection rules, their fixtures, and their form for Elastic Security.</summary>
internal static class DetectionsCommand
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(Shell shell) => new("detections", "The detection rules: what they fire on, and their form for a SIEM.")
    {
        List(shell), Test(shell), Export(shell),
    };

    private static Command List(Shell shell)
    {
        var rules = RulesFolder.Option();
        var command = new Command("list", "Every rule.") { rules };
        command.SetAction(parse =>
        {
            var table = new ResultTable("rule", "level", "kind", "techniques", "title") { GiveWay = ["techniques", "kind"] };
            foreach (var rule in RulesFolder.Read(RulesFolder.Of(parse, rules, shell)))
            {
                var techniques = rule.Tags.Where(t => t.StartsWith("attack.t", StringComparison.Ordinal)).Select(t => t["attack.".Length..].ToUpperInvariant());
                table.Add(rule.Name, rule.Level.ToString().ToLowerInvariant(), ElasticForm.KindOf(rule), string.Join(' ', techniques), rule.Title);
            }

            table.Write(shell.Terminal, shell.Output(parse));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Test(Shell shell)
    {
        var rules = RulesFolder.Option();
        var command = new Command("test", "Maps the records of each rule's fixtures, and compares what fires with what must fire.") { rules };
        command.SetAction(parse =>
        {
            var options = shell.ValidOptions(parse, "Transform");
            var table = new ResultTable("rule", "fixture", "expected", "actual") { WhenEmpty = "There is no difference." };
            var (count, different, left) = (0, 0, 0);
            var transforms = Vendor.Names.ToDictionary(
                name => name, name => TransformCommand.Offline(Vendor.Named(name), options, "fixture", shell.Terminal.WorkingDirectory));
            foreach (var rule in RulesFolder.Read(RulesFolder.Of(parse, rules, shell)))
            {
                if (!rule.Fixtures.Any(f => f.Fires))
                {
                    different++;
                    table.Add(rule.Name, "records with which it fires", "one or more", "none");
                }

                foreach (var fixture in rule.Fixtures)
                {
                    if (Fires(rule, fixture, transforms, shell.Terminal.Clock) is not { } fires)
                    {
                        left++;
                        continue;
                    }

                    count++;
                    if (fires == fixture.Fires) continue;

                    different++;
                    table.Add(rule.Name, fixture.Name, fixture.Fires ? "fires" : "silent", fires ? "fires" : "silent");
                }
            }

            if (different > 0 || shell.Output(parse) == OutputFormat.Json) table.Write(shell.Terminal, shell.Output(parse));

            shell.Terminal.WriteError(
                $"{count} fixtures, {different} of them different.{(left == 0 ? "" : $" {left} more need a query of the SIEM, which is not run here.")}");
            return different == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static Command Export(Shell shell)
    {
        var rules = RulesFolder.Option();
        var command = new Command("export", "The rules as Elastic Security imports them, one a line.") { rules };
        command.SetAction(parse =>
        {
            var folder = RulesFolder.Of(parse, rules, shell);
            var all = RulesFolder.Read(folder);
            try
            {
                var elastic = new ElasticForm(AttackNames.ReadBeside(folder, RulesFolder.Delivered(parse, shell)));
                foreach (var line in all.Select(rule => elastic.Of(rule).ToJsonString(Readable))) shell.Terminal.WriteData(line);
            }
            catch (RuleFileException e)
            {
                throw new CommandFailedException(ExitCodes.Failed, e.Message);
            }

            return ExitCodes.Done;
        });
        return shell.WithoutResults(command);
    }

    /// <summary>
    /// Whether a fixture makes the rule fire; null where only a SIEM can tell. With new terms, the last record must: what is before it is the history.
    /// </summary>
    private static bool? Fires(DetectionRule rule, RuleFixture fixture, Dictionary<string, IActivityTransform> transforms, TimeProvider clock)
    {
        if (rule.Logic is Count { Least: 0 }) return null;

        var watch = new RuleWatch(rule);
        var last = DateTimeOffset.MinValue;
        using var events = new EventBatch();
        foreach (var (vendor, json) in fixture.Records)
        {
            events.Clear();
            transforms[vendor].Transform(new RawActivity(Encoding.UTF8.GetBytes(json), clock.GetUtcNow()), events);
            foreach (var e in events.Events)
            {
                var values = new EventValues(e.Json);
                last = values.Time > last ? values.Time : last;
                watch.See(new("", values));
            }
        }

        return watch.Fired().Any(fired => rule.Elastic.NewTerms.Count == 0 || fired.Events[^1].Values.Time == last);
    }
}
