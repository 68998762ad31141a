namespace ActivityConnector.Transforms.Fields;

/// <summary>What a field of an event holds: the one table behind the JSON Schema, the columns of an export and the check of the index templates.</summary>
/// <param name="Name">The dotted name. With <c>.*</c> at its end it stands for every name with one more part.</param>
/// <param name="Type">The type of each value.</param>
/// <param name="Description">One sentence for a reader of the schema.</param>
public sealed record EventField(string Name, FieldType Type, string Description)
{
    /// <summary>Whether the field holds one value or a list.</summary>
    public FieldValues Values { get; init; }

    /// <summary>Whether no event is without it, whatever is configured.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The only values there are; null = any.</summary>
    public IReadOnlyList<string>? Allowed { get; init; }

    /// <summary>A regular expression for each value as a whole; null = any.</summary>
    public string? Pattern { get; init; }

    /// <summary>The least number.</summary>
    public int Least { get; init; }

    /// <summary>The greatest number; null = no bound.</summary>
    public int? Most { get; init; }

    /// <summary>Whether the names below it come from the record or the configuration.</summary>
    public bool IsOpen => Name.EndsWith(".*", StringComparison.Ordinal);
}

/// <summary>The type of a value. Elasticsearch names its types the same, but for Number, which is its long.</summary>
public enum FieldType
{
    /// <summary>Text that is compared as a whole. An id is one too.</summary>
    Keyword,

    /// <summary>Text whose words are searched.</summary>
    Text,

    /// <summary>A time in UTC, as ISO 8601 text with three to seven fraction digits.</summary>
    Date,

    /// <summary>An IPv4 or IPv6 address in its canonical form.</summary>
    Ip,

    /// <summary>A whole number.</summary>
    Number,
}

/// <summary>How many values a field holds.</summary>
public enum FieldValues
{
    One,

    /// <summary>A list, also of one value.</summary>
    List,

    /// <summary>A list where the record has one, else a single value.</summary>
    OneOrList,
}
