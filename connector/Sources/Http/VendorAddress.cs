using System.Diagnostics.CodeAnalysis;

namespace ActivityConnector.Sources.Http;

/// <summary>The option <c>BaseUrl</c>: where a credential may be sent, and nowhere else.</summary>
internal static class VendorAddress
{
    /// <summary>
    /// False with a message, which does not show the text because there may be a password in it, when it is no https address; plain http is
    /// accepted for loopback only.
    /// </summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Uri? address, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (!Uri.TryCreate(text?.TrimEnd('/'), UriKind.Absolute, out address) || address.Scheme is not ("https" or "http"))
        {
            error = "It is not an address such as https://api.example.com.";
        }
        else if (address.Scheme == "http" && !address.IsLoopback)
        {
            error = "It would send the credential unencrypted: use https (http is for loopback only).";
        }
        else if (address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0)
        {
            error = "It must be without user, password, query and fragment.";
        }

        return error is null;
    }

    public static Uri Parse(string? text) => TryParse(text, out var address, out var error) ? address : throw new ArgumentException(error, nameof(text));
}
