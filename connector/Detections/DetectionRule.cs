using ActivityConnector.Transforms;
using ActivityConnector.Vendors;

namespace ActivityConnector.Detections;

/// <summary>Sigma's levels.</summary>
internal enum RuleLevel
{
    Low,
    Medium,
    High,
    Critical,
}

/// <summary>One rule of the folder <c>config/detections</c>: a Sigma rule, or a correlation of several, with what a SIEM needs beside it. Immutable.</summary>
/// <param name="Name">The name of its file, without <c>.yml</c>.</param>
/// <param name="Id">The same in every version, and in every place where the rule is installed.</param>
/// <param name="Tags">Those that begin with <c>attack.</c> are tactics and techniques of MITRE ATT&amp;CK.</param>
/// <param name="Triage">What an analyst looks at next, in which field. Markdown.</param>
/// <param name="Fields">What an analyst needs of the event at first sight.</param>
/// <param name="Logic">What makes it fire.</param>
/// <param name="Fixtures">Records with which it fires, and records with which it stays silent.</param>
internal sealed record DetectionRule(
    string Name,
    Guid Id,
    string Title,
    string Description,
    IReadOnlyList<string> Authors,
    RuleLevel Level,
    IReadOnlyList<string> Tags,
    IReadOnlyList<string> References,
    IReadOnlyList<string> FalsePositives,
    string Triage,
    IReadOnlyList<string> Fields,
    RuleLogic Logic,
    ElasticSettings Elastic,
    IReadOnlyList<RuleFixture> Fixtures)
{
    /// <summary>The events it looks at, from the first step to the last.</summary>
    public IReadOnlyList<EventRule> Steps { get; } = [.. Logic.Steps];

    /// <summary>Fields that the events of one alert share, or whose values must be new. An event without one of them is not counted.</summary>
    public IReadOnlyList<string> GroupBy => Logic switch
    {
        Count count => count.GroupBy,
        OrderedSteps steps => steps.GroupBy,
        _ => Elastic.NewTerms,
    };

    /// <summary>The vendors whose events it looks at.</summary>
    public IEnumerable<string> Vendors => Vendor.Names.Where(vendor => Steps.Any(s => s.Vendor is null || s.Vendor == vendor));
}

/// <summary>A Sigma rule for single events.</summary>
/// <param name="Name">By which a correlation refers to it.</param>
/// <param name="Vendor">The vendor whose events it looks at; null = both.</param>
internal sealed record EventRule(string Name, string? Vendor, Predicate When)
{
    public bool Matches(EventValues e) => (Vendor is null || e["event.dataset"].Contains(EcsEvent.DatasetOf(Vendor))) && When.Matches(e);
}

/// <summary>What makes a rule fire.</summary>
internal abstract record RuleLogic
{
    public abstract IEnumerable<EventRule> Steps { get; }
}

/// <summary>Each event that matches.</summary>
internal sealed record EachEvent(EventRule Rule) : RuleLogic
{
    public override IEnumerable<EventRule> Steps => [Rule];
}

/// <summary>So many events, or so many values of a field, within a time, of the same group.</summary>
/// <param name="Field">The field whose values are counted; null = events are counted.</param>
/// <param name="Least">So many are enough. 0 = the rule fires when there is none: only a query of the SIEM can tell.</param>
internal sealed record Count(EventRule Rule, string? Field, int Least, IReadOnlyList<string> GroupBy, TimeSpan Within) : RuleLogic
{
    public override IEnumerable<EventRule> Steps => [Rule];
}

/// <summary>The steps one after another, within a time, of the same group.</summary>
internal sealed record OrderedSteps(IReadOnlyList<OrderedStep> Ordered, IReadOnlyList<string> GroupBy, TimeSpan Within) : RuleLogic
{
    public override IEnumerable<EventRule> Steps => Ordered.Select(s => s.Rule);
}

/// <param name="Times">How often in a row.</param>
internal sealed record OrderedStep(EventRule Rule, int Times);

/// <summary>How the rule runs in Elastic Security, beyond what Sigma says.</summary>
/// <param name="Version">Grows with each release in which the rule differs.</param>
/// <param name="NewTerms">Fields whose values together must be new; empty = every match fires.</param>
/// <param name="History">How far back values count as known.</param>
/// <param name="SuppressBy">Alerts that agree in these fields are one alert.</param>
/// <param name="SuppressFor">For how long; null = each alert stands for itself.</param>
/// <param name="Esql">The query in ES|QL, where the rule cannot be made from Sigma.</param>
/// <param name="LookBack">How far back such a query looks.</param>
/// <param name="IsBuildingBlock">Whether its alerts are hidden from the list, and serve other rules and investigations only.</param>
internal sealed record ElasticSettings(
    int Version,
    IReadOnlyList<string> NewTerms,
    TimeSpan History,
    IReadOnlyList<string> SuppressBy,
    TimeSpan? SuppressFor,
    string? Esql,
    TimeSpan LookBack,
    bool IsBuildingBlock);

/// <summary>Raw records of the vendors, in the order of their time.</summary>
/// <param name="Records">Vendor and JSON.</param>
internal sealed record RuleFixture(string Name, bool Fires, IReadOnlyList<(string Vendor, string Json)> Records);
