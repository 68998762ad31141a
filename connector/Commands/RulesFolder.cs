using System.CommandLine;
using ActivityConnector.Detections;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>The option for a folder of detection rules; without it, the rules of this version.</summary>
internal static class RulesFolder
{
    public static Option<string?> Option() => new("--rules")
    {
        Description = "A folder with your own rules. Default: detections beside the configuration file, else the rules of this version.",
        HelpName = "FOLDER",
    };

    /// <exception cref="CommandFailedException">There is no such folder.</exception>
    public static string Of(ParseResult parse, Option<string?> option, Shell shell)
    {
        if (parse.GetValue(option) is not { } given) return Delivered(parse, shell);

        var folder = Path.GetFullPath(given, shell.Terminal.WorkingDirectory);
        return Directory.Exists(folder) ? folder : throw new CommandFailedException(ExitCodes.Failed, $"There is no folder {folder}.");
    }

    /// <summary>The rules of this version, or those beside the configuration file.</summary>
    public static string Delivered(ParseResult parse, Shell shell) => shell.Valid(parse, "Transform").FolderOf("detections");

    /// <exception cref="CommandFailedException">A rule cannot be used.</exception>
    public static IReadOnlyList<DetectionRule> Read(string folder)
    {
        try
        {
            var rules = RuleFile.ReadFolder(folder);
            return rules.Count > 0 ? rules : throw new CommandFailedException(ExitCodes.Failed, $"There is no rule NAME.yml in {folder}.");
        }
        catch (RuleFileException e)
        {
            throw new CommandFailedException(ExitCodes.Failed, e.Message);
        }
    }
}
