using System.Buffers;
using System.Text;

namespace ActivityConnector.Pipeline;

/// <summary>What a secret is made of.</summary>
internal enum SecretKind
{
    /// <summary>It goes into a header of a request: visible ASCII characters, no space.</summary>
    Token,

    /// <summary>One line of any text.</summary>
    Text,
}

/// <summary>
/// Reads the files that <c>…File</c> options name: the one place where secrets, keys and certificates come from a disk. Never waits, never takes
/// more than <see cref="MostBytes"/> of a secret, and never shows the path or the content.
/// </summary>
/// <remarks>Thread-safe. Nothing is kept: what needs the secret again reads it again, so that a new one is used.</remarks>
internal static class SecretFile
{
    /// <summary>The size of the largest secret.</summary>
    public const int MostBytes = 64 * 1024;

    /// <summary>The size of the largest file of certificates: that of a system with all authorities has a quarter of a megabyte.</summary>
    private const int MostPemBytes = 4 << 20;

    private static readonly SearchValues<char> Visible = SearchValues.Create([.. Enumerable.Range(0x21, 0x7E - 0x20).Select(c => (char)c)]);

    /// <summary>
    /// The secret, without the line ends that an editor leaves after it; empty when the file has only white space: it may be about to be written.
    /// </summary>
    /// <param name="option">The full key of the option that names the file, for messages.</param>
    /// <exception cref="SecretFileException">The file cannot be read, or holds no secret of this kind.</exception>
    public static string Read(string path, string option, SecretKind kind)
    {
        var secret = Decoded(path, option).TrimEnd('\r', '\n');
        if (string.IsNullOrWhiteSpace(secret)) return "";

        return Problem(secret, kind) is { } problem
            ? throw new SecretFileException(option, problem, "Write the secret alone into the file, in one line, without a space before or after it.")
            : secret;
    }

    /// <summary>The text of a key, without white space around it.</summary>
    /// <exception cref="SecretFileException">The file cannot be read, or is no text: bytes that cannot be decoded would all become one character.</exception>
    public static string ReadText(string path, string option) => Decoded(path, option).Trim();

    private static string Decoded(string path, string option)
    {
        var text = Encoding.UTF8.GetString(Content(path, option, MostBytes)).TrimStart('\uFEFF');
        return text.Contains('\uFFFD')
            ? throw new SecretFileException(option, "is not UTF-8 text", "Write the secret as text into the file; bytes as hex digits or Base64.")
            : text;
    }

    /// <summary>Certificates or keys as PEM text.</summary>
    /// <exception cref="SecretFileException">The file cannot be read, or has no PEM in it.</exception>
    public static string ReadPem(string path, string option)
    {
        var text = Encoding.UTF8.GetString(Content(path, option, MostPemBytes));
        return text.Contains("-----BEGIN ", StringComparison.Ordinal)
            ? text
            : throw new SecretFileException(option, "has no PEM in it", "Give a file with lines as -----BEGIN CERTIFICATE-----.");
    }

    /// <summary>Why a value cannot be a secret of this kind, as a verb with its object; null when it can.</summary>
    public static string? Problem(string value, SecretKind kind)
    {
        var secret = value.AsSpan().Trim();
        return secret.Length < value.Length ? "has white space before or after it"
            : secret.ContainsAny('\r', '\n') ? "has more than one line"
            : secret.ContainsAnyInRange('\0', '\u001F') || secret.ContainsAnyInRange('\u007F', '\u009F') ? "has a control character in it"
            : secret.Contains('\uFFFD') ? "is not UTF-8 text"
            : kind == SecretKind.Text ? null
            : secret.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? "begins with \"Bearer\""
            : secret.Contains(' ') ? "has a space in it"
            : secret.ContainsAnyExcept(Visible) ? "has a character that is not ASCII"
            : null;
    }

    private static byte[] Content(string path, string option, int mostBytes)
    {
        try
        {
            return RegularFile.Read(path, mostBytes);
        }
        catch (IOException e)
        {
            throw new SecretFileException(option, e.Message, "Give the path of a regular file that the connector's user can read.");
        }
    }
}

/// <summary>A file that an option names cannot be used. No text holds its path or content.</summary>
/// <param name="option">The full key of the option.</param>
/// <param name="cause">What is wrong, to stand after "the file".</param>
/// <param name="fix">What to do, as one sentence.</param>
internal sealed class SecretFileException(string option, string cause, string fix) : Exception($"The file of {option} {cause}.")
{
    public string Cause { get; } = cause;

    public string Fix { get; } = fix;
}
