using ActivityConnector.Admin;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Configuration;

/// <summary>The rules of the section <c>Admin</c>.</summary>
internal sealed class AdminRules(string workingDirectory, ICollection<ConfigurationProblem> problems)
{
    private const int FewestCharacters = 16;

    public void Check(AdminOptions options)
    {
        if (!options.Enabled) return;

        new SecretRules("Admin", workingDirectory, problems).Secret("Token", options.Token, options.TokenFile, isNeeded: false, SecretKind.Token);
        if (options.Token is { Length: > 0 and < FewestCharacters })
        {
            problems.Add(new("Admin:Token", $"It has fewer than {FewestCharacters} characters.", "Make one with: openssl rand -hex 32."));
        }

        if (!options.HasToken && !options.IsLoopback)
        {
            problems.Add(new("Admin:Token", "It is missing, and Admin:Url can be reached from other machines.",
                "Give Token or TokenFile (openssl rand -hex 32), listen at http://127.0.0.1:8080, or set Admin:Enabled to false."));
        }
    }
}
