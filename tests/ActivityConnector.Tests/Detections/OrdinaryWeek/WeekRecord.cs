namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>One raw record as the vendor's API shows it; <paramref name="Vendor"/> is <c>intercom</c> or <c>sequence</c>.</summary>
internal sealed record WeekRecord(string Vendor, DateTimeOffset Time, byte[] Json)
{
    public const string Intercom = "intercom";
    public const string Sequence = "sequence";
}
