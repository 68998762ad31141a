using System.CommandLine;

namespace ActivityConnector.Terminals;

/// <summary>An option that is one of a few words.</summary>
internal static class ChoiceOption
{
    /// <summary>The first word is the default.</summary>
    public static Option<string> Create(string name, string description, params string[] words)
    {
        var option = Of(name, description, words);
        option.DefaultValueFactory = _ => words[0];
        return option;
    }

    /// <summary>One that has to be given.</summary>
    public static Option<string> CreateRequired(string name, string description, params string[] words)
    {
        var option = Of(name, description, words);
        option.Required = true;
        return option;
    }

    /// <summary>One that may be left out, and is then null.</summary>
    public static Option<string?> CreateOptional(string name, string description, params string[] words) => Of(name, description, words)!;

    /// <summary>Also known to every command below, and by a short name if one is given.</summary>
    public static Option<T> ForEveryCommand<T>(this Option<T> option, string? alias = null)
    {
        option.Recursive = true;
        if (alias is not null) option.Aliases.Add(alias);
        return option;
    }

    private static Option<string> Of(string name, string description, string[] words)
    {
        var option = New(name, description, words);
        option.CompletionSources.Add(words);
        return option;
    }

    private static Option<string> New(string name, string description, string[] words) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', words),
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (words.Contains(text, StringComparer.Ordinal)) return text;

            result.AddError($"{name} {text}: give {string.Join(" or ", words)}.");
            return null;
        },
    };
}
