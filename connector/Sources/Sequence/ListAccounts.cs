using System.Text;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>The accounts that the records of a list belong to: another organisation's list is known by them. Pure.</summary>
internal static class ListAccounts
{
    /// <summary>The most that are kept; after that a new one takes the place of the one that has been known for longest.</summary>
    public const int Most = 16;

    private const int MaxIdBytes = 128;

    /// <summary>The accounts that the records of a page name, each once or more.</summary>
    public static IEnumerable<string> Of(VendorPage page)
    {
        ReadOnlyMemory<byte> last = default;
        foreach (var account in page.Records.Select(r => r.Account).Concat(page.Broken.Select(b => b.Account)))
        {
            if (account.Length is 0 or > MaxIdBytes || account.Span.SequenceEqual(last.Span)) continue;

            last = account;
            yield return Encoding.UTF8.GetString(account.Span);
        }
    }

    /// <summary>The known accounts with those of a page.</summary>
    public static IReadOnlyList<string> With(IReadOnlyList<string> known, VendorPage page)
    {
        List<string> added = [.. Of(page).Except(known)];
        return added.Count > 0 ? [.. known.Concat(added).TakeLast(Most)] : known;
    }
}
