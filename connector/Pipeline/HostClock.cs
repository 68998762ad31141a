using System.Globalization;
using System.Reflection;

namespace ActivityConnector.Pipeline;

/// <summary>Refuses a host clock that cannot be right, because it decides what counts as read.</summary>
internal static class HostClock
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(10);

    private static readonly DateTimeOffset Released = DateTimeOffset.Parse(
        typeof(HostClock).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Released").Value!, CultureInfo.InvariantCulture);

    /// <exception cref="SourceClockException">It is before the last commit, or before this program was released.</exception>
    public static void Check(DateTimeOffset now, Checkpoint? last)
    {
        if (now < Released)
        {
            throw new SourceClockException(
                string.Create(CultureInfo.InvariantCulture, $"This host's clock says {now:u}, but this program was released on {Released:yyyy-MM-dd}."),
                "Set the host's clock; nothing is read until it is right.");
        }

        if (last is not null && now < last.CommittedAt - Tolerance)
        {
            throw new SourceClockException(
                string.Create(CultureInfo.InvariantCulture, $"This host's clock says {now:u}, which is before the last commit ({last.CommittedAt:u})."),
                "Set the host's clock; if it is right and the commit was made by a wrong one, set the position with 'checkpoint set'.");
        }
    }
}
