using System.CommandLine;

namespace ActivityConnector.Terminals;

/// <summary>
/// An option that is a time: <c>2026-01-31</c>, <c>2026-01-31T12:00:00Z</c>, or a span before now such as <c>-30d</c>, <c>-12h</c>,
/// <c>-90m</c>.
/// </summary>
internal static class TimeOption
{
    public static Option<DateTimeOffset?> Create(string name, string description, TimeProvider clock) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Parse(text, clock.GetUtcNow()) is { } time) return time;

            result.AddError($"{name} {text}: write a time as 2026-01-31T12:00:00Z, or a span before now as -30d, -12h or -90m.");
            return null;
        },
    };

    /// <summary>Refuses a command in which the first time is not before the second. One that cannot be read is an error of its option.</summary>
    public static void InOrder(Command command, Option<DateTimeOffset?> first, Option<DateTimeOffset?> second, TimeProvider clock) =>
        command.Validators.Add(result =>
        {
            // Not by their values: asking for one that is wrong would throw.
            var now = clock.GetUtcNow();
            DateTimeOffset? Given(Option option) => result.GetResult(option) is { Tokens: [{ Value: var text }] } ? Parse(text, now) : null;
            if (Given(first) >= Given(second)) result.AddError($"{first.Name} must be before {second.Name}.");
        });

    private static DateTimeOffset? Parse(string text, DateTimeOffset now) =>
        text is not ['-', .. var span] ? TimeText.Time(text)
        : TimeText.Duration(span) is { } back && back >= TimeSpan.Zero && back < now - DateTimeOffset.MinValue ? now - back
        : null;
}
