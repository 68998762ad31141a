using System.Globalization;

namespace ActivityConnector.Verification;

/// <summary>Says now and then how far a long comparison is.</summary>
/// <param name="time">For the interval.</param>
/// <param name="say">Takes a line.</param>
internal sealed class VerificationProgress(TimeProvider time, Action<string> say)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private string _doing = "";
    private long _count;
    private long _said = time.GetTimestamp();

    /// <summary>Begins another step.</summary>
    public void Begin(string doing) => (_doing, _count) = (doing, 0);

    /// <summary>One more event; says how many when it is time.</summary>
    public void Add()
    {
        // The clock is asked for each 1,000th: it costs more than the rest.
        if (++_count % 1_000 != 0 || time.GetElapsedTime(_said) < Every) return;

        _said = time.GetTimestamp();
        say(string.Create(CultureInfo.InvariantCulture, $"{_doing}: {_count:N0} so far."));
    }
}
