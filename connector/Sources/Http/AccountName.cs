namespace ActivityConnector.Sources.Http;

/// <summary>The name of an account, as it is configured or as a vendor gives it: it becomes a part of file names, topics and keys.</summary>
internal static class AccountName
{
    /// <summary>At most 64 letters and digits of ASCII, '.', '-' and '_'.</summary>
    public static bool IsValid(string name) => name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
