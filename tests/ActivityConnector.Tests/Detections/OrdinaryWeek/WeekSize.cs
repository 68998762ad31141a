namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>How large the company is, and how many events its week has.</summary>
internal sealed record WeekSize(int Events, int Agents, int Leads, int Marketing, int Sales, int Product, int Admins, int Finance, int Billing, int Customers)
{
    /// <summary>A company of 1,200 teammates and 15 more people in finance; 1,000,000 events.</summary>
    public static readonly WeekSize Full = new(1_000_000, 900, 62, 60, 78, 69, 6, 25, 15, 9_000);

    /// <summary>A company of 64 teammates; 40,000 events.</summary>
    public static readonly WeekSize Short = new(40_000, 40, 4, 5, 4, 4, 2, 5, 3, 400);
}
