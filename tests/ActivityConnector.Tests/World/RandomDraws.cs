namespace ActivityConnector.Tests.World;

/// <summary>What a seeded world draws.</summary>
internal static class RandomDraws
{
    /// <summary>True with this chance, 0 to 1.</summary>
    public static bool Is(this Random random, double chance) => random.NextDouble() < chance;

    public static TimeSpan Between(this Random random, TimeSpan least, TimeSpan most) => least + ((most - least) * random.NextDouble());

    public static T OneOf<T>(this Random random, params ReadOnlySpan<T> items) => items[random.Next(items.Length)];
}
