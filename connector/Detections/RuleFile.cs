using ActivityConnector.Vendors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace ActivityConnector.Detections;

/// <summary>
/// Reads a file of <c>config/detections</c>: Sigma (specification 2.0), one rule, or in several documents the rules and the correlations of
/// them, the last of which is the rule. Beside Sigma's own members, the last document has <c>triage</c>, <c>elastic</c> and <c>fixtures</c>.
/// </summary>
internal sealed class RuleFile
{
    /// <summary>Sigma's members that say nothing of when a rule fires.</summary>
    private static readonly string[] Descriptive = ["status", "author", "date", "modified", "license", "related"];

    /// <summary>Of one step: a sequence of more is slow in every engine.</summary>
    private const int MostTimes = 100;

    /// <summary>The deepest delivered rule has seven, the stream and the document counted.</summary>
    private const int MostLevels = 50;

    private readonly string _file;
    private readonly Dictionary<string, EventRule> _events = [];
    private readonly Dictionary<string, Count> _counts = [];

    private RuleFile(string file) => _file = file;

    /// <summary>The rules of a folder, in the order of their file names.</summary>
    /// <exception cref="RuleFileException">A file cannot be used, or two have the same id.</exception>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static IReadOnlyList<DetectionRule> ReadFolder(string folder)
    {
        var rules = Directory.GetFiles(folder, "*.yml").Order(StringComparer.Ordinal).Select(Read).ToList();

        // Sigma's own converter reads a folder as one: a name must be one rule's.
        var shared = rules.SelectMany(rule => rule.Steps.Select(step => step.Name).Where(n => n.Length > 0).Distinct().Select(n => (Name: n, Rule: rule)))
            .GroupBy(step => step.Name).FirstOrDefault(steps => steps.Count() > 1);
        if (shared is not null)
        {
            throw new RuleFileException(
                shared.Last().Rule.Name + ".yml", 1, $"The name '{shared.Key}' is used in {shared.First().Rule.Name}.yml too. Give it another one.");
        }

        var twice = rules.GroupBy(r => r.Id).FirstOrDefault(g => g.Count() > 1);
        return twice is null
            ? rules
            : throw new RuleFileException(twice.Last().Name + ".yml", 1, $"It has the id of {twice.First().Name}.yml. Give it a new one.");
    }

    /// <exception cref="RuleFileException">The file cannot be used.</exception>
    public static DetectionRule Read(string path) => new RuleFile(Path.GetFileName(path)).Parse(File.ReadAllText(path));

    private DetectionRule Parse(string text)
    {
        var yaml = new YamlStream();
        try
        {
            RefuseWhatNestsWithoutEnd(text);
            yaml.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new RuleFileException(_file, e.Start.Line, $"It is no YAML: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // The library's own error for some text that ends too early.
            throw new RuleFileException(_file, 1, "It is no YAML: a list, a mapping or a text in quotation marks is not closed.", e);
        }

        var documents = yaml.Documents.Select(d => d.RootNode is YamlMappingNode mapping
            ? new YamlPart(_file, mapping)
            : throw new RuleFileException(_file, d.RootNode.Start.Line, "A document must have members.")).ToList();
        if (documents.Count == 0) throw new RuleFileException(_file, 1, "It is empty.");

        foreach (var document in documents[..^1]) Keep(document);

        return Rule(documents[^1]);
    }

    /// <summary>The library reads nested nodes recursively, and an alias may stand within its own anchor: either can end the process.</summary>
    private void RefuseWhatNestsWithoutEnd(string text)
    {
        var (parser, depth) = (new Parser(new StringReader(text)), 0);
        while (parser.MoveNext())
        {
            var part = parser.Current!;
            if (part is AnchorAlias) throw new RuleFileException(_file, part.Start.Line, "It has an alias (*name). Write the value again instead.");

            depth += part.NestingIncrease;
            if (depth > MostLevels) throw new RuleFileException(_file, part.Start.Line, $"It is nested more than {MostLevels} levels deep.");
        }
    }

    /// <summary>A document to which a later one refers.</summary>
    private void Keep(YamlPart document)
    {
        var name = document.Text("name");
        if (_events.ContainsKey(name) || _counts.ContainsKey(name)) throw document.Error($"The name '{name}' is used before in this file.");

        var logic = LogicOf(document);
        foreach (var member in Descriptive.Concat(["title", "id", "description", "tags", "level"])) document.Has(member);

        document.RefuseOthers();
        switch (logic)
        {
            case EachEvent(var rule):
                _events.Add(name, rule);
                break;
            case Count count:
                _counts.Add(name, count);
                break;
            default:
                throw document.Error("A correlation of correlations can refer to rules and to counts of events only.");
        }
    }

    private DetectionRule Rule(YamlPart document)
    {
        var logic = LogicOf(document);
        var rule = new DetectionRule(
            Path.GetFileNameWithoutExtension(_file),
            Guid.TryParse(document.Text("id"), out var id) ? id : throw document.Error("Its 'id' must be a UUID."),
            document.Text("title"),
            document.Text("description").Trim(),
            document.Texts("author"),
            LevelOf(document),
            document.Texts("tags"),
            document.Texts("references"),
            document.Texts("falsepositives"),
            document.Text("triage").Trim(),
            document.Texts("fields"),
            logic,
            Settings(document.Part("elastic") ?? throw document.Error("It has no 'elastic'.")),
            [.. document.Parts("fixtures").Select(Fixture)]);
        foreach (var name in Descriptive) document.Has(name);

        document.RefuseOthers();
        Check(rule, document);
        return rule;
    }

    private static RuleLevel LevelOf(YamlPart document) => document.Text("level") switch
    {
        "low" => RuleLevel.Low,
        "medium" => RuleLevel.Medium,
        "high" => RuleLevel.High,
        "critical" => RuleLevel.Critical,
        _ => throw document.Error("Its 'level' must be low, medium, high or critical."),
    };

    private static void Check(DetectionRule rule, YamlPart document)
    {
        if (rule.Logic is Count { Least: 0 } && rule.Elastic.Esql is null)
        {
            throw document.Error("That there are no events can only be asked in ES|QL: give 'esql' below 'elastic'.");
        }

        if (rule.Elastic is { SuppressFor: not null, SuppressBy.Count: 0 } && rule.Logic is not Count)
        {
            throw document.Error("'suppress' needs 'by': only a rule that counts has groups of its own.");
        }
    }

    private RuleLogic LogicOf(YamlPart document)
    {
        document.OptionalText("name");
        return document.Part("correlation") is { } correlation ? Correlation(correlation) : new EachEvent(EventRuleOf(document));
    }

    private static EventRule EventRuleOf(YamlPart document)
    {
        var source = document.Part("logsource") ?? throw document.Error("It has no 'logsource'.");
        var vendor = source.OptionalText("product");
        if (vendor is not null && !Vendor.Names.Contains(vendor))
        {
            throw source.Error($"'product' is '{vendor}'; it must be {string.Join(" or ", Vendor.Names)}, or left out for both.");
        }

        source.OptionalText("service");
        source.OptionalText("category");
        source.RefuseOthers();
        var detection = document.Part("detection") ?? throw document.Error("It has no 'detection'.");
        var selections = new Dictionary<string, Predicate>();
        foreach (var name in detection.Names.Where(n => n != "condition"))
        {
            var maps = detection.Parts(name).Select(Selection.Read).ToList();
            selections[name] = maps is [var only] ? only : new AnyOf(maps);
        }

        try
        {
            return new(document.OptionalText("name") ?? "", vendor, Condition.Parse(detection.Text("condition"), selections));
        }
        catch (FormatException e)
        {
            throw detection.Error(e.Message);
        }
    }

    private RuleLogic Correlation(YamlPart correlation)
    {
        var type = correlation.Text("type");
        var rules = correlation.Texts("rules");
        var groupBy = correlation.Texts("group-by");
        var condition = correlation.Part("condition");
        if (groupBy.Count is 0 or > 5) throw correlation.Error("It needs one to five fields in 'group-by'.");

        foreach (var field in groupBy.Concat(condition?.Texts("field") ?? [])) Selection.CheckField(correlation, field);

        var within = correlation.Duration("timespan") ?? throw correlation.Error("It has no 'timespan'.");
        RuleLogic logic = type switch
        {
            "event_count" or "value_count" when rules is [var only] => new Count(
                EventRuleNamed(only, correlation), type == "value_count" ? condition?.Text("field") : null, Least(correlation, condition), groupBy, within),
            "temporal_ordered" when rules.Count > 1 => new OrderedSteps([.. rules.Select(r => Step(r, groupBy, within, correlation))], groupBy, within),
            "temporal_ordered" => throw correlation.Error("A correlation of this type needs two rules or more."),
            "event_count" or "value_count" => throw correlation.Error("A correlation of this type needs one rule."),
            _ => throw correlation.Error($"The type '{type}' is not understood. These are: event_count, value_count, temporal_ordered."),
        };
        condition?.RefuseOthers();
        correlation.RefuseOthers();
        return logic;
    }

    private static int Least(YamlPart correlation, YamlPart? condition) => condition switch
    {
        null => throw correlation.Error("It has no 'condition'."),
        _ when condition.Has("gte") => condition.Number("gte", 0),
        _ when condition.Has("gt") => condition.Number("gt", 0) + 1,
        _ when condition.Has("lt") && condition.Number("lt", 0) == 1 => 0,
        _ => throw condition.Error("Its condition is not understood. These are: gte, gt, and lt: 1."),
    };

    /// <summary>A rule, or a count of its events as often in a row.</summary>
    private OrderedStep Step(string name, IReadOnlyList<string> groupBy, TimeSpan within, YamlPart correlation)
    {
        if (!_counts.TryGetValue(name, out var count)) return new(EventRuleNamed(name, correlation), 1);

        return count.Field is null && count.Least <= MostTimes && count.Within == within && count.GroupBy.SequenceEqual(groupBy)
            ? new(count.Rule, count.Least)
            : throw correlation.Error($"As a step, '{name}' must count at most {MostTimes} events, with the same 'timespan' and 'group-by'.");
    }

    private EventRule EventRuleNamed(string name, YamlPart correlation) =>
        _events.GetValueOrDefault(name) ?? throw correlation.Error($"It refers to '{name}', and no document before it has that name.");

    private static ElasticSettings Settings(YamlPart elastic)
    {
        var newTerms = elastic.Part("new_terms");
        var suppress = elastic.Part("suppress");
        foreach (var field in (newTerms?.Texts("fields") ?? []).Concat(suppress?.Texts("by") ?? [])) Selection.CheckField(elastic, field);

        var settings = new ElasticSettings(
            elastic.Number("version", 1),
            newTerms?.Texts("fields") ?? [],
            newTerms?.Duration("history") ?? TimeSpan.Zero,
            suppress?.Texts("by") ?? [],
            suppress?.Duration("for"),
            elastic.OptionalText("esql")?.Trim(),
            elastic.Duration("look_back") ?? TimeSpan.Zero,
            elastic.Truth("building_block"));
        if (newTerms is not null && (settings.NewTerms.Count is 0 or > 3 || settings.History == TimeSpan.Zero))
        {
            throw newTerms.Error("It needs one to three 'fields', and a 'history'.");
        }

        if (suppress is not null && (settings.SuppressFor is null || settings.SuppressBy.Count > 3))
        {
            throw suppress.Error("It needs 'for', and at most three fields in 'by'.");
        }

        if (settings.Esql is not null && settings.LookBack == TimeSpan.Zero) throw elastic.Error("A query in ES|QL needs 'look_back'.");

        newTerms?.RefuseOthers();
        suppress?.RefuseOthers();
        elastic.RefuseOthers();
        return settings;
    }

    private static RuleFixture Fixture(YamlPart fixture)
    {
        var name = fixture.Text("name");
        var fires = fixture.Truth("fires");
        var records = Vendor.Names
            .SelectMany(vendor => (fixture.OptionalText(vendor) ?? "")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(line => (vendor, line)))
            .ToList();
        fixture.RefuseOthers();
        return records.Count > 0 ? new(name, fires, records) : throw fixture.Error("It has no records.");
    }
}
