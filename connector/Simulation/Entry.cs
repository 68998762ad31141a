namespace ActivityConnector.Simulation;

/// <summary>Where one record stands in a vendor's order.</summary>
/// <param name="Created">The creation time in the vendor's own unit: Unix seconds or milliseconds.</param>
/// <param name="Tie">Orders the records of one <paramref name="Created"/>.</param>
/// <param name="Record">0 and up: a generated record; below 0: the complement is the number of a record put in by hand.</param>
internal readonly record struct Entry(long Created, ulong Tie, int Record)
{
    public bool IsBefore(Entry other) => Created < other.Created || (Created == other.Created && Tie < other.Tie);
}
