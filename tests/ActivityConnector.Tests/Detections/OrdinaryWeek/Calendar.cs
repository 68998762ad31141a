namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>Days count from the week's Monday; earlier ones are negative.</summary>
internal static class Calendar
{
    public const int HistoryDays = 30;

    public const int Tuesday = 1;
    public const int Wednesday = 2;
    public const int Thursday = 3;
    public const int Friday = 4;

    /// <summary>The day of the release.</summary>
    public const int Release = Tuesday;

    /// <summary>30 September: the end of a month and of a quarter.</summary>
    public const int MonthEnd = Wednesday;

    public static readonly DateTimeOffset Monday = new(2026, 9, 28, 0, 0, 0, TimeSpan.Zero);

    /// <summary>When Google stopped to be an allowed way to sign in: Wednesday of the week before.</summary>
    public static readonly DateTimeOffset SsoEnforced = At(Office.Dublin, -5, 14);

    public static DateTimeOffset At(Office office, int day, double hour) => Monday.AddDays(day).AddHours(hour - office.UtcOffset);

    public static int DayOfWeek(int day) => ((day % 7) + 7) % 7;

    public static bool IsWeekend(int day) => DayOfWeek(day) >= 5;
}
