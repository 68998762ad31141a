using ActivityConnector.Simulation;

namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>Draws from a repeatable stream; a purpose keeps the streams of different questions apart.</summary>
internal static class Draws
{
    public const int Leave = 101;
    public const int Sickness = 102;
    public const int Hours = 103;
    public const int HomeLease = 104;
    public const int HomeAddress = 105;
    public const int Support = 106;
    public const int Finance = 107;
    public const int Machines = 108;
    public const int Administration = 109;
    public const int Troubles = 110;
    public const int Identity = 111;
    public const int Marketing = 112;
    public const int Traits = 113;

    /// <summary>The stream of one person's day.</summary>
    public static RandomStream Of(int seed, int purpose, Person person, int day) => new(seed, purpose, (person.Number * 1000L) + day + 500);

    /// <summary>A number from <paramref name="from"/> to <paramref name="to"/>, both included.</summary>
    public static int Between(ref this RandomStream draw, int from, int to) => from + draw.Below(to - from + 1);

    public static T Of<T>(ref this RandomStream draw, IReadOnlyList<T> choices) => choices[draw.Below(choices.Count)];

    /// <summary>How often in a row the chance came true, at most <paramref name="most"/>: many are few, few are many.</summary>
    public static int Runs(ref this RandomStream draw, double chance, int most)
    {
        var runs = 0;
        while (runs < most && draw.Chance(chance)) runs++;
        return runs;
    }
}
