namespace ActivityConnector.Configuration;

/// <summary>The rules that hold for the secrets and certificates of one section.</summary>
internal sealed class SecretRules(string key, string workingDirectory, ICollection<ConfigurationProblem> problems)
{
    /// <summary>A credential is given once: as a value or as a file that holds it.</summary>
    public void Secret(string name, string? value, string? file, bool isNeeded)
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
        else
        {
            File($"{name}File", file);
        }
    }

    /// <summary>The certificates of the authority and of this client; none of them is needed.</summary>
    public void Certificates(string? authorityFile, string? certificateFile, string? keyFile)
    {
        File("CaFile", authorityFile);
        File("CertificateFile", certificateFile);
        File("KeyFile", keyFile);
        if (string.IsNullOrWhiteSpace(certificateFile) != string.IsNullOrWhiteSpace(keyFile))
        {
            Add("KeyFile", "A client certificate needs both CertificateFile and KeyFile.", "Give both, or neither.");
        }
    }

    private void File(string name, string? path)
    {
        if (!string.IsNullOrWhiteSpace(path)) SecretFile.Check($"{key}:{name}", path, workingDirectory, problems);
    }

    private void Add(string name, string cause, string fix) => problems.Add(new($"{key}:{name}", cause, fix));
}
