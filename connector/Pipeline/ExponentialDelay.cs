namespace ActivityConnector.Pipeline;

/// <summary>How long to wait before a try: doubled with each failure, up to a limit. Pure but for the random source it is given.</summary>
internal static class ExponentialDelay
{
    /// <summary>The delay without jitter; <paramref name="failures"/> is 0 for <paramref name="first"/>.</summary>
    public static TimeSpan Of(double failures, TimeSpan first, TimeSpan longest)
    {
        var delay = first * Math.Pow(2, Math.Min(failures, 20));
        return delay < longest ? delay : longest;
    }

    /// <summary>Up to the whole delay: for many clients of one server.</summary>
    public static TimeSpan WithFullJitter(int failures, TimeSpan first, TimeSpan longest, Random random) => Of(failures, first, longest) * random.NextDouble();

    /// <summary>Half to the whole delay: for a wait that must not be too short.</summary>
    public static TimeSpan WithHalfJitter(int failures, TimeSpan first, TimeSpan longest, Random random) =>
        Of(failures, first, longest) * (0.5 + (random.NextDouble() / 2));
}
