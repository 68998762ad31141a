namespace ActivityConnector.Pipeline;

/// <summary>What the number of an option counts, in the plural: <c>records</c>. Bytes may be given with a unit, as <c>10GB</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnitAttribute(string unit) : Attribute
{
    public string Unit { get; } = unit;
}
