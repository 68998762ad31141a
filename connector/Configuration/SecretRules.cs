using System.Text;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Configuration;

/// <summary>
/// The rules that hold for the secrets and certificates of one section. No problem shows a value, nor the path of a file: it may be a secret.
/// </summary>
internal sealed class SecretRules(string key, string workingDirectory, ICollection<ConfigurationProblem> problems)
{
    /// <summary>A credential is given once: as a value or as a file that holds it.</summary>
    public void Secret(string name, string? value, string? file, bool isNeeded, SecretKind kind = SecretKind.Token)
    {
        if (string.IsNullOrWhiteSpace(value) && string.IsNullOrWhiteSpace(file))
        {
            if (isNeeded)
            {
                var orTurnOff = key.StartsWith("Sources:", StringComparison.Ordinal) ? $", or set {key}:Enabled to false" : "";
                Add(name, "It is missing.", $"Give {name} or {name}File{orTurnOff}.");
            }
        }
        else if (!string.IsNullOrWhiteSpace(value) && !string.IsNullOrWhiteSpace(file))
        {
            Add(name, $"{name} and {name}File are both given.", "Keep one of them.");
        }
        else if (!string.IsNullOrWhiteSpace(file))
        {
            File($"{name}File", file, (path, option) => SecretFile.Read(path, option, kind));
        }
        else if (SecretFile.Problem(value!, kind) is { } problem)
        {
            Add(name, $"It {problem}.", "Give the secret alone, without a space or a line end before or after it.");
        }
    }

    /// <summary>The certificates of the authority; they are not needed.</summary>
    public void Authority(string? file) => File("CaFile", file, SecretFile.ReadPem);

    /// <summary>The certificates of the authority and of this client; none of them is needed.</summary>
    public void Certificates(string? authorityFile, string? certificateFile, string? keyFile)
    {
        Authority(authorityFile);
        File("CertificateFile", certificateFile, SecretFile.ReadPem);
        File("KeyFile", keyFile, SecretFile.ReadPem);
        if (string.IsNullOrWhiteSpace(certificateFile) != string.IsNullOrWhiteSpace(keyFile))
        {
            Add("KeyFile", "A client certificate needs both CertificateFile and KeyFile.", "Give both, or neither.");
        }
    }

    /// <summary>A key that may be any text of at least so many bytes.</summary>
    /// <param name="fix">What to do about one that is too short.</param>
    public void Key(string name, string file, int fewestBytes, string fix) => File(name, file, (path, option) =>
    {
        var text = SecretFile.ReadText(path, option);
        if (Encoding.UTF8.GetByteCount(text) is > 0 and var bytes && bytes < fewestBytes)
        {
            Add(name, $"The key in its file has {bytes} bytes, and at least {fewestBytes} are needed.", fix);
        }

        return text;
    });

    private void File(string name, string? file, Func<string, string, string> read)
    {
        if (string.IsNullOrWhiteSpace(file)) return;

        var path = Path.Combine(workingDirectory, file);
        try
        {
            if (read(path, $"{key}:{name}").Length == 0) Add(name, "The file is empty.", "Write the secret into it.");

            if (RegularFile.IsWritableByAll(path))
            {
                problems.Add(new($"{key}:{name}", "Every user of this system may write the file.", "Take that right away: chmod o-w.", IsWarning: true));
            }
        }
        catch (SecretFileException e)
        {
            Add(name, $"The file {e.Cause}.", e.Fix);
        }
    }

    private void Add(string name, string cause, string fix) => problems.Add(new($"{key}:{name}", cause, fix));
}
