using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Vendors;

/// <summary>
/// What sources are called by the commands: as they are configured, <c>sequence</c>, or <c>sequence/main</c> where an account has a name. A source of the
/// journal that no configured account means, or that two could mean, has its full name, <c>vendor/account</c>. What a person types is understood in both forms.
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

    /// <summary>The sources of the journal that the text can mean: by name, by full name, or all of a vendor.</summary>
    public IReadOnlyList<SourceKey> Matching(string text) => [.. stored.Where(s => Of(s) == text || s.ToString() == text || s.Source == text)];

    /// <summary>Whether the text means a source at all: one that is configured or stored, or a vendor.</summary>
    public bool Knows(string text) => Vendor.Names.Contains(text) || All.Contains(text) || Matching(text).Count > 0
        || _accounts.Exists(a => NameOf(a) == text || $"{a.Vendor.Name}/{a.Account.Options.Account ?? a.Vendor.DefaultAccount}" == text);

    private bool IsCalled(string name, SourceKey source) => _accounts.Exists(a => NameOf(a) == name && Means(a, source));

    private static string NameOf((Vendor Vendor, VendorAccount Account) a) => a.Vendor.NameOf(a.Account.Options);

    /// <summary>An account without a name can be any of a vendor that is asked for it.</summary>
    private static bool Means((Vendor Vendor, VendorAccount Account) a, SourceKey source) => a.Vendor.Name == source.Source
        && ((a.Account.Options.Account ?? a.Vendor.DefaultAccount) is var account && (account.Length == 0 || account == source.Account));
}
