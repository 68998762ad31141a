using Quartz;

namespace ActivityConnector.Scheduling;

/// <summary>Cron expressions as Quartz reads them: six or seven fields, seconds first, in UTC.</summary>
public static class CronText
{
    /// <summary>What Quartz's own parser has against the expression; null when it would be scheduled.</summary>
    public static string? Problem(string expression)
    {
        try
        {
            _ = CronExpression.Parse(expression).WithTimeZone(TimeZoneInfo.Utc);
            return null;
        }
        catch (FormatException e)
        {
            // After that it advises programmers.
            return e.Message.Split(" Note that ")[0];
        }
    }

    /// <summary>The first time of the schedule after the given one; null = there is none.</summary>
    public static DateTimeOffset? Next(string expression, DateTimeOffset after) =>
        CronExpression.Parse(expression).WithTimeZone(TimeZoneInfo.Utc).GetNextValidTimeAfter(after);
}
