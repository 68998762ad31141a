using System.CommandLine;
using System.Globalization;

namespace ActivityConnector.Terminals;

/// <summary>An option that is a whole number from 0 on.</summary>
internal static class NumberOption
{
    public static Option<int> Create(string name, string description, int byDefault, int most) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => byDefault,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most) return number;

            result.AddError($"{name} {text}: give a whole number from 0 to {most}.");
            return byDefault;
        },
    };
}
