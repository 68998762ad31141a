using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;

namespace ActivityConnector.Vendors;

/// <summary>By what a source is known.</summary>
/// <param name="Name">As it is configured.</param>
/// <param name="Key">Its full name, <c>vendor/account</c>; null until the account is known.</param>
/// <param name="Vendor">Whose it is.</param>
internal readonly record struct SourceName(string Name, string? Key, string Vendor);

/// <summary>A text means no source, or more than one where one is wanted.</summary>
internal sealed class UnknownSourceException(string message, string fix) : Exception(message)
{
    /// <summary>What there is, in one sentence.</summary>
    public string Fix { get; } = fix;
}

/// <summary>
/// What sources are called by the commands and the API: as they are configured, <c>sequence</c>, or <c>sequence/main</c> where an account has a name. A
/// source of the journal that no configured account means, or that two could mean, has its full name, <c>vendor/account</c>. What a person types is
/// understood in both forms.
/// </summary>
internal sealed class SourceNames(SourcesOptions configured, IReadOnlyList<SourceKey> stored)
{
    private readonly List<(Vendor Vendor, VendorAccount Account)> _accounts =
        [.. Vendor.All.SelectMany(vendor => vendor.Accounts(configured).Select(account => (vendor, account)))];

    /// <summary>The names of the sources that are on or have a checkpoint.</summary>
    public IReadOnlyList<string> All =>
        [.. stored.Select(Of).Concat(_accounts.Where(a => a.Account.IsOn && !stored.Any(s => Means(a, s))).Select(NameOf)).Distinct()];

    /// <summary>The source's name.</summary>
    public string Of(SourceKey source)
    {
        var names = _accounts.Where(a => Means(a, source)).Select(NameOf).Distinct().ToList();
        if (names is [var name]) return stored.All(other => other == source || !IsCalled(name, other)) ? name : source.ToString();

        var isAnyOfIts = names.Count == 0 && Vendor.Names.Contains(source.Source) && !_accounts.Exists(a => a.Vendor.Name == source.Source);
        return isAnyOfIts && stored.Count(s => s.Source == source.Source) == 1 ? source.Source : source.ToString();
    }

    /// <summary>What a source is called that is on, before it was read.</summary>
    public static SourceName NameOf(ConfiguredSource source) => new(
        source.Name, $"{source.Source.Name}/{source.Options.Account ?? Vendor.Named(source.Source.Name).DefaultAccount}", source.Source.Name);

    /// <summary>What a source is called that is on.</summary>
    public static SourceName NameOf(SourceRunner runner) =>
        runner.State.Key is { } key ? NameOf(runner.Source) with { Key = key } : NameOf(runner.Source);

    /// <summary>The sources that a text means: the one of this name or full name, or all of a vendor.</summary>
    public static IReadOnlyList<T> Meant<T>(IEnumerable<T> sources, string text, Func<T, SourceName> nameOf) =>
        [.. sources.Where(source => nameOf(source) is var name && (name.Name == text || name.Key == text || name.Vendor == text))];

    /// <summary>The one source that a text means; of several, the one that has just this name.</summary>
    /// <exception cref="UnknownSourceException">None is meant, or more than one.</exception>
    public static T One<T>(IReadOnlyCollection<T> sources, string text, Func<T, SourceName> nameOf)
    {
        var meant = Meant(sources, text, nameOf);
        var names = meant.Select(source => nameOf(source).Name).ToList();
        return meant.Count == 0 ? throw None(text, [.. sources.Select(source => nameOf(source).Name)])
            : meant.Count == 1 ? meant[0]
            : names.Count(name => name == text) == 1 ? meant[names.IndexOf(text)]
            : throw new UnknownSourceException($"{text} is more than one source: {string.Join(", ", names)}.", "Name one of them.");
    }

    /// <summary>What is said where a text means no source, with those that there are.</summary>
    public static UnknownSourceException None(string text, IReadOnlyCollection<string> known) => new(
        $"There is no source {text}.",
        (Suggestion.For(text, known) is { } near ? $"Did you mean {near}? " : "") + Known(known));

    /// <summary>The names that can be given.</summary>
    public static string Known(IReadOnlyCollection<string> names) => names.Count == 0 ? "There is none yet." : $"There are: {string.Join(", ", names)}.";

    /// <summary>The sources of the journal that the text can mean.</summary>
    public IReadOnlyList<SourceKey> Matching(string text) => Meant(stored, text, NameOf);

    /// <summary>The one source of the journal that the text means; of several, the one that has just this name.</summary>
    /// <exception cref="UnknownSourceException">None is meant, or more than one.</exception>
    public SourceKey One(string text) => One(stored, text, NameOf);

    /// <summary>Whether the text means a source at all: one that is configured or stored, or a vendor.</summary>
    public bool Knows(string text) => Vendor.Names.Contains(text) || All.Contains(text) || Matching(text).Count > 0
        || _accounts.Exists(a => NameOf(a) == text || $"{a.Vendor.Name}/{a.Account.Options.Account ?? a.Vendor.DefaultAccount}" == text);

    /// <summary>What a text asks for, as a filter understands it. A source that has no event yet is no mistake.</summary>
    /// <exception cref="UnknownSourceException">There is no such source.</exception>
    public string? Filter(string? text)
    {
        if (text is null || Vendor.Names.Contains(text)) return text;

        RefuseUnknown(text);
        return Matching(text) is [var one] ? one.ToString() : text;
    }

    /// <exception cref="UnknownSourceException">The text means no source at all.</exception>
    public void RefuseUnknown(string text)
    {
        if (!Knows(text)) throw None(text, [.. All.Concat(Vendor.Names).Distinct()]);
    }

    private SourceName NameOf(SourceKey source) => new(Of(source), source.ToString(), source.Source);

    private bool IsCalled(string name, SourceKey source) => _accounts.Exists(a => NameOf(a) == name && Means(a, source));

    private static string NameOf((Vendor Vendor, VendorAccount Account) a) => a.Vendor.NameOf(a.Account.Options);

    /// <summary>An account without a name can be any of a vendor that is asked for it.</summary>
    private static bool Means((Vendor Vendor, VendorAccount Account) a, SourceKey source) => a.Vendor.Name == source.Source
        && ((a.Account.Options.Account ?? a.Vendor.DefaultAccount) is var account && (account.Length == 0 || account == source.Account));
}
