using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Tables;

namespace ActivityConnector.Vendors;

/// <summary>A vendor's mapping table, for people who look at it and for the transform that uses it.</summary>
internal sealed record VendorTable
{
    /// <summary>In the order of the file.</summary>
    public required IReadOnlyList<VendorTableRow> Rows { get; init; }

    /// <summary>What an activity becomes and why; null when this vendor does not name its activities like that (one word, or two).</summary>
    public required Func<string, string?, VendorTableAnswer?> Explain { get; init; }

    public required Func<EventSettings, IActivityTransform> NewTransform { get; init; }
}

/// <summary>A row as it is listed.</summary>
internal sealed record VendorTableRow(string Activity, string? Action, string? Category, string? Type, string? Outcome, object? Severity);

/// <summary>Fields with their values, and a remark for the person who asked.</summary>
internal sealed record VendorTableAnswer(IReadOnlyList<(string Field, object? Value)> Fields, string? Remark = null)
{
    /// <summary>The table has a row for the activity.</summary>
    public bool IsKnown => Fields.Contains(("known", true));

    /// <summary>The fields that every vendor's answer has.</summary>
    public static IEnumerable<(string Field, object? Value)> Of(string vendor, Classification c) =>
    [
        ("source", vendor),
        ("event.action", c.Action),
        ("event.category", string.Join('|', c.Categories)),
        ("event.type", string.Join('|', c.Types)),
        ("event.outcome", c.Outcome),
        ("event.severity", c.Severity),
        ("known", c.IsKnown),
    ];
}
