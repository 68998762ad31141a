using System.CommandLine;

namespace ActivityConnector.Terminals;

/// <summary>An option that is a duration of more than nothing: <c>00:30:00</c>, <c>90s</c>, <c>30m</c>, <c>12h</c> or <c>2d</c>.</summary>
internal static class DurationOption
{
    public static Option<TimeSpan> Create(string name, string description, TimeSpan byDefault) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        DefaultValueFactory = _ => byDefault,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            // A timer takes no more than 49 days.
            if (TimeText.Duration(text) is { } duration && duration > TimeSpan.Zero && duration <= TimeSpan.FromDays(49)) return duration;

            result.AddError($"{name} {text}: write a duration of at most 49 days, as 00:30:00, 90s, 30m or 12h.");
            return byDefault;
        },
    };
}
