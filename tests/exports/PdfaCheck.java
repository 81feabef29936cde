import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;

/** Prints every rule of PDF/A-3b that a file breaks, one a line; official_rules.py runs it. */
public class PdfaCheck {
    public static void main(String[] paths) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        PDFAFlavour flavour = PDFAFlavour.PDFA_3_B;
        for (String path : paths) {
            try (FileInputStream file = new FileInputStream(path);
                    PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour)) {
                for (TestAssertion broken :
                        Foundries.defaultInstance()
                                .createValidator(flavour, false)
                                .validate(parser)
                                .getTestAssertions()) {
                    System.out.println(broken.getRuleId() + ": " + broken.getMessage());
                }
            }
        }
    }
}
